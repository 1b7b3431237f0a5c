// Where data goes: stdout, in pieces that a slow reader is waited for. When the reader has gone (`| head`), the work ends, and
// nothing is said.

const pieceChars = 64 * 1024

export interface OutStream {
  write(text: string | Uint8Array, done: (error?: Error | null) => void): unknown
  on(event: "error", listener: (error: Error) => void): unknown
}

export class Out {
  private readonly stream: OutStream
  private readonly onClosed: () => void
  private parts: string[] = []
  private chars = 0
  private closed = false
  private failure: Error | undefined

  /** `onClosed`: nobody reads any more. */
  constructor(stream: OutStream, onClosed: () => void) {
    this.stream = stream
    this.onClosed = onClosed
    stream.on("error", (error) => this.fail(error))
  }

  /** Resolves when there is room for more. */
  async write(text: string): Promise<void> {
    this.parts.push(text)
    this.chars += text.length
    if (this.chars >= pieceChars) await this.flush()
  }

  async line(text = ""): Promise<void> {
    await this.write(`${text}\n`)
  }

  /** @throws what went wrong with the stream, except that its reader has gone. */
  async flush(): Promise<void> {
    const text = this.parts.join("")
    this.parts = []
    this.chars = 0
    if (text !== "" && !this.closed)
      await new Promise<void>((resolve) => {
        this.stream.write(text, (error) => {
          if (error) this.fail(error)
          resolve()
        })
      })
    if (this.failure !== undefined) throw this.failure
  }

  private fail(error: Error): void {
    const { code } = error as { readonly code?: unknown }
    if (code !== "EPIPE" && code !== "ERR_STREAM_DESTROYED" && code !== "EOF") this.failure ??= error
    if (this.closed) return
    this.closed = true
    this.onClosed()
  }
}
