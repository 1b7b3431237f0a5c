// A port of loopback where nobody listens: for a server that is told its port, and for one that is not there. Below those
// that the system hands out, so that no connection of another test takes it while its server is dead.
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
