// A TCP proxy on this machine that can be cut: what goes through it breaks, and who connects is refused, on the same port until
// it is mended. It reads nothing of what it passes on.
import { once } from "node:events"
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net"

export interface BreakableProxy {
  readonly port: number
  cut(): Promise<void>
  mend(): Promise<void>
}

export const startProxy = async (host: string, hostPort: number): Promise<BreakableProxy> => {
  const open = new Set<Socket>()
  const pass = (near: Socket): void => {
    const far = connect(hostPort, host)
    for (const [socket, other] of [
      [near, far],
      [far, near]
    ] as const) {
      open.add(socket)
      socket.pipe(other)
      // Either end may break; the other one follows.
      socket.on("error", () => other.destroy())
      socket.on("close", () => {
        open.delete(socket)
        other.destroy()
      })
    }
  }
  let server: Server | undefined
  const listen = async (port: number): Promise<number> => {
    server = createServer(pass).listen(port, "127.0.0.1")
    await once(server, "listening")
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  return {
    port,
    cut: async () => {
      if (server === undefined) return
      const closed = once(server, "close")
      server.close()
      server = undefined
      for (const socket of open) socket.destroy()
      await closed
    },
    mend: async () => void (await listen(port))
  }
}
