// The few operations that reading asks of a disk, so that a test can count them, or stand in for it.
// read-layer.node.ts is the real one. One at a time is under way for each reader: the pool behind them has four threads.

/** What stands in a directory. A symbolic link is no directory, whatever it points to. */
export interface DirEntry {
  readonly name: string
  readonly isDirectory: boolean
}

/** What must be known of a file. */
export interface ReadFacts {
  /** The same for as long as the file lives, whatever its name becomes. */
  readonly id: string
  readonly kind: "file" | "directory" | "link" | "other"
  readonly size: number
  /** When its content changed, in ms since 1970; of a directory, when a name came or went. Some mounts do not keep it. */
  readonly changedMs: number
}

/** A file that was opened. */
export interface OpenFile {
  facts(): Promise<ReadFacts>
  /** Up to `into.length` bytes from `position`; 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>
  close(): Promise<void>
}

/** What is not there is `undefined`; every other trouble rejects with an error that has a `code`. */
export interface ReadLayer {
  list(dir: string): Promise<readonly DirEntry[] | undefined>
  /** Of the name itself, not of what a link points to. */
  facts(path: string): Promise<ReadFacts | undefined>
  /** Never follows a link, never blocks on a FIFO. */
  open(path: string): Promise<OpenFile | undefined>
}
