// How every command runs: what it throws becomes words on stderr and an exit code,
// and its data is flushed.
import { failureOf } from "../terminal/exit.ts"
import type { Context, Io } from "../terminal/io.ts"

type Run<Flags, Args extends readonly unknown[]> = (io: Io, flags: Flags, ...args: Args) => Promise<void>

/** A command as stricli calls it. */
export const command = <Flags, Args extends readonly unknown[]>(run: Run<Flags, Args>) =>
  async function (this: Context, flags: Flags, ...args: Args): Promise<void> {
    const { io } = this
    try {
      await run(io, flags, ...args)
      await io.out.flush()
    } catch (error) {
      // Interrupted work may end in any error.
      if (io.signal.aborted) return
      await io.out.flush().catch(() => undefined)
      const { code, text } = failureOf(error)
      const { printable } = await import("@daybook/core/event-line")
      const [first = "", ...more] = text.split("\n")
      io.talk(`${io.talkColors.red("daybook:")} ${[first, ...more].map(printable).join("\n")}`)
      io.end(code)
    }
  }
