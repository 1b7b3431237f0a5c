// The few operations that the exporter asks of a disk, so that a faulty twin can stand in for it in tests.
// file-layer.node.ts is the real one. Every operation may fail with an error that has an `errno`.

/** What must be known of an open file before anything is appended to it. */
export interface FileFacts {
  readonly isFile: boolean
  readonly uid: number
  /** Hard links. More than one means that the bytes also appear under a name that we do not know. */
  readonly links: number
  readonly size: number
}

/** The same of a directory, without following a link. */
export interface DirFacts {
  readonly isDirectory: boolean
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
}

/** The operations, without waiting. The exporter has at most one of them under way. */
export interface FileLayer {
  /** Makes a directory and its parents, for the owner only. One that exists is no error. */
  makeDir(path: string): Promise<void>
  dirFacts(path: string): Promise<DirFacts>
  /** Opens for appending and reading, and creates for the owner only. Never follows a link, never blocks on a FIFO. */
  openAppend(path: string): Promise<number>
  facts(fd: number): Promise<FileFacts>
  /** Appends with one `write`, and says how many bytes went in. */
  append(fd: number, bytes: Uint8Array): Promise<number>
  byteAt(fd: number, position: number): Promise<number | undefined>
  close(fd: number): Promise<void>
  /** For the exit hook, where nothing can be awaited any more. */
  readonly now: NowLayer
}

/** The same at once. */
export interface NowLayer {
  makeDir(path: string): void
  dirFacts(path: string): DirFacts
  openAppend(path: string): number
  facts(fd: number): FileFacts
  append(fd: number, bytes: Uint8Array): number
  /** Up to `bytesMax` bytes from the end of the file. */
  tail(fd: number, bytesMax: number): Uint8Array
  close(fd: number): void
  /** Blocks the thread. The pool's threads go on meanwhile. */
  pause(ms: number): void
}
