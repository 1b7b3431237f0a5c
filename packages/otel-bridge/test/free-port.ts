// A port of loopback without a listener: for a server that needs its port beforehand, and for one that is absent. It lies below
// the ports that the system hands out, so no connection of another test takes it while its server is dead.
import { once } from "node:events"
import { createServer } from "node:net"

const [lowest, highest] = [20_000, 32_000]

export const freePort = async (): Promise<number> => {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    const server = createServer()
    try {
      server.listen(port, "127.0.0.1")
      await once(server, "listening")
    } catch {
      continue
    }
    server.close()
    await once(server, "close")
    return port
  }
}
