// As much of Node's modules as the host of Node uses, as types. The modules are handed in, so that a bundle whose bundler
// chose the web's host can still be a host of Node: see host.web.ts.

export interface NodeProcess {
  readonly env: Record<string, string | undefined>
  readonly pid: number
  readonly versions: Readonly<Record<string, string | undefined>>
  cwd(): string
  kill(pid: number, signal: string): unknown
  on(event: string, listener: (...given: never[]) => void): unknown
  off(event: string, listener: (...given: never[]) => void): unknown
  prependListener(event: string, listener: (...given: never[]) => void): unknown
  listenerCount(event: string): number
}

export interface NodeModules {
  readonly process: NodeProcess
  readonly fs: {
    readFileSync(path: string, encoding: "utf8"): string
    writeSync(fd: number, text: string): number
  }
  readonly os: {
    readonly constants: { readonly signals: Readonly<Record<string, number>> }
    type(): string
    release(): string
    userInfo(): { readonly username: string }
  }
  readonly asyncHooks: {
    readonly AsyncLocalStorage: new <Store>() => {
      getStore(): Store | undefined
      run<A>(store: Store, run: () => A): A
      enterWith(store: Store): void
    }
  }
  readonly crypto: {
    createHmac(algorithm: string, key: string): { update(text: string): { digest(encoding: "hex"): string } }
  }
  readonly timers: {
    setImmediate(run: () => void): unknown
    setTimeout(run: () => void, ms: number): unknown
    clearImmediate(turn: never): void
  }
}
