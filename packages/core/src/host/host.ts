// What core needs of the machine it runs on. One implementation a host, chosen by the package's `#host` import:
// host.node.ts (Node, Deno, Bun), host.edge.ts (workerd), host.web.ts (browsers and everything else).
import type { Fields } from "../encode/fields.ts"

/** Facts for the session start line; "?" where the host does not say. */
export interface HostFacts {
  /** Name and release of the system. */
  readonly platform: string
  readonly runtime: string
  readonly runtime_version: string
  readonly user: string
  readonly cwd: string
}

/** What a log wants to do before its process, or its page, is gone. */
export interface ExitHook {
  /** A last synchronous moment of so many ms. `isFinal`: what is logged after it has no later moment. Returns how many events are left. */
  lastWrite(limitMs: number, isFinal: boolean): number
  /** All time for last writes is spent. Comes after the final `lastWrite`, perhaps twice. */
  over(): void
  /** An uncaught error; comes before `lastWrite`. */
  uncaught(error: unknown): void
  /** The last chance to wait for something: nothing else is left to do, or the page is hidden, which may be for ever. */
  idle(): Promise<unknown>
}

/** Carries values along with the running code. */
export interface ContextStore {
  get(): Fields | undefined
  run<A>(values: Fields, run: () => A): A
  /** From now on, until the code that is running has ended. False where the host cannot tell when that is: nothing changes then. */
  enter(values: Fields): boolean
}

export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>
  facts(): HostFacts
  /** Writes one line for the people who run the application. Never throws. */
  notice(line: string): void
  /** Lets the process end while this timer runs. */
  unref(timer: unknown): void
  /** Keeps the process alive until the returned function is called. */
  hold(): () => void
  /** Values that belong to the code running now, and to what it starts. */
  readonly context: ContextStore
  /** HMAC-SHA-256 of a text in hex, where the host can compute it at once. */
  readonly hmacSha256?: (key: string, text: string) => string
  /** True where timers, promises and connections end with the request that began them, so no fiber may outlive it. */
  readonly isRequestBound?: boolean
  /** Runs something in the next turn of the event loop. Returns how to take it back. */
  nextTurn(run: () => void): () => void
  /**
   * Runs something in a turn of its own that the host can spare, if the process lives that long. Absent where nothing may be
   * done ahead of a call.
   */
  spareTurn?(run: () => void): void
  /** True where reading facts may ask the person at the terminal for a permission: they are not read ahead of a call. */
  readonly mayPrompt?: boolean
  /** Does what `onExit` does, and takes it back, without a listener anywhere: see api/rehearsal.ts. */
  rehearseExit?(hook: ExitHook): void
  /** True when the process ends already: an exit hook may come too late. */
  isEnding?(): boolean
  /** Calls the hook when the process ends, or the page is hidden or left. Returns how to take it back. */
  onExit(hook: ExitHook): () => void
}
