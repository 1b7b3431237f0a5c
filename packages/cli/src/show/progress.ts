// How far long work is: a bar with the rate and the time left, on stderr, and only for people who would look at it: on a terminal,
// where no data comes between. What shows it is loaded when the work has taken a moment.
import type { SingleBar } from "cli-progress"
import type { Io } from "../terminal/io.ts"

export interface Progress {
  add(bytes: number): void
  end(): void
}

/** Work that is done within this needs no bar. */
const quietMs = 400

/** `hasData`: lines go to stdout meanwhile, which may be the same terminal. */
export const progressOf = (io: Io, bytesTotal: number, hasData: boolean): Progress => {
  if (!io.isTalkTerminal || (hasData && io.data.isTerminal))
    return { add: () => undefined, end: () => undefined }
  const began = performance.now()
  let done = 0
  let bar: SingleBar | undefined
  let isLoading = false
  let isOver = false
  const show = async (): Promise<void> => {
    isLoading = true
    const { SingleBar } = await import("cli-progress")
    if (isOver) return
    const { dim, cyan } = io.talkColors
    bar = new SingleBar({
      stream: process.stderr,
      format: `${cyan("{bar}")} {percentage} %  ${dim("{rate}  {left}")}`,
      barsize: 24,
      barCompleteChar: "█",
      barIncompleteChar: "░",
      clearOnComplete: true,
      hideCursor: false,
      gracefulExit: false,
      fps: 10
    })
    bar.start(Math.max(bytesTotal, 1), done, said())
  }
  const said = (): { readonly rate: string; readonly left: string } => {
    const seconds = (performance.now() - began) / 1_000
    const rate = done / seconds
    const left = Math.ceil((bytesTotal - done) / rate)
    return {
      rate: `${megabytes(rate)} MB/s`,
      left: left > 0 && Number.isFinite(left) ? `${left} s left` : ""
    }
  }
  return {
    add: (bytes) => {
      done += bytes
      bar?.update(Math.min(done, bytesTotal), said())
      if (!isLoading && performance.now() - began > quietMs) void show()
    },
    end: () => {
      isOver = true
      bar?.stop()
    }
  }
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)
