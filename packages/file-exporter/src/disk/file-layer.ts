// The few operations that the exporter asks of a disk, so that a faulty twin can stand in for it in tests.
// file-layer.node.ts is the real one. Every operation may fail with an error that has an `errno`.

/** What must be known of an open file before anything is appended to it. */
export interface FileFacts {
  readonly isFile: boolean
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
  /** Hard links. More than one means that the bytes also appear under a name that we do not know. */
  readonly links: number
  readonly size: number
  /** Device and inode. An inode is given again: see `FileIdentities`. */
  readonly identity: string
  /** When it was made, in ms since 1970. Some systems do not know, and say 0, or when it was changed. */
  readonly bornMs: number
  /** When its bytes or its facts were changed last, in ms since 1970. */
  readonly changedMs: number
}

/** What a file system shows of a file that we made a moment ago, for its owner only. */
export interface ProbeFacts {
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
}

/** What a name shows without being opened: a directory, or a file of which nobody needs the bytes. A link is neither. */
export interface NameFacts {
  readonly isDirectory: boolean
  readonly isFile: boolean
  readonly uid: number
  /** Permission bits. */
  readonly mode: number
  readonly size: number
  /** When its bytes or its facts were changed last, in ms since 1970. */
  readonly changedMs: number
}

/** The operations, each as a promise or at once. */
interface Operations<Way extends "later" | "now"> {
  /** Makes a directory and its parents, by default for the owner only. One that exists is no error. */
  makeDir(path: string, mode?: number): Answer<Way, void>
  nameFacts(path: string): Answer<Way, NameFacts>
  /** Makes a file in a directory, looks at it, and removes it. */
  probe(dir: string): Answer<Way, ProbeFacts>
  /** Names in a directory, in no order. */
  list(path: string): Answer<Way, readonly string[]>
  remove(path: string): Answer<Way, void>
  /**
   * Opens for appending and reading, and creates, by default for the owner only. Never follows a link, never blocks on a
   * FIFO.
   */
  openAppend(path: string, mode?: number): Answer<Way, number>
  /** The same for a file that must not be there yet: with EEXIST it is. */
  openNew(path: string, mode?: number): Answer<Way, number>
  /** Opens for reading what is there. Never follows a link, never blocks on a FIFO. */
  openRead(path: string): Answer<Way, number>
  /** Puts a file in the place of another one, at once: for what we keep for ourselves, never for lines. */
  replace(path: string, by: string): Answer<Way, void>
  facts(fd: number): Answer<Way, FileFacts>
  setMode(fd: number, mode: number): Answer<Way, void>
  /** Appends with one `write`, and says how many bytes went in. */
  append(fd: number, bytes: Uint8Array): Answer<Way, number>
  /** At most `count` bytes from `position` on; fewer at the end of the file. */
  read(fd: number, position: number, count: number): Answer<Way, Uint8Array>
  /** Until the bytes of the file survive a power cut. */
  sync(fd: number): Answer<Way, void>
  /** The same for the names in a directory. */
  syncDir(path: string): Answer<Way, void>
  close(fd: number): Answer<Way, void>
}

type Answer<Way extends "later" | "now", Value> = Way extends "later" ? Promise<Value> : Value

/** A disk. The exporter has at most one operation under way. */
export interface FileLayer extends Operations<"later"> {
  /** Waits, and keeps no process alive for it. */
  pause(ms: number): Promise<void>
  /** For the exit hook, where nothing can be awaited any more. */
  readonly now: NowLayer
}

/** The same at once. */
export interface NowLayer extends Operations<"now"> {
  /** Blocks the thread. The pool's threads go on meanwhile. */
  pause(ms: number): void
}
