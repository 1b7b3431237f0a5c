// A file layer that says of each operation what it is about to do, so that the one that hangs is the last line of the trace.
// Only operations that may hang on a disk, a mount or a lock; the others stay as they are.
import type { LogIdentity } from "@daybook/core"
import type { FileLayer } from "./file-layer.ts"

type Trace = NonNullable<LogIdentity["trace"]>

/** The layer itself when nothing is traced. */
export const tracedLayer = (layer: FileLayer, trace: Trace | undefined): FileLayer =>
  trace === undefined
    ? layer
    : { ...layer, ...traced(layer, trace), now: { ...layer.now, ...traced(layer.now, trace) } }

/** Those operations, in either way. */
interface Hanging<Void, Fd, Count, Facts, Names> {
  makeDir(path: string, mode?: number): Void
  nameFacts(path: string): Facts
  list(path: string): Names
  remove(path: string): Void
  openAppend(path: string, mode?: number): Fd
  openNew(path: string, mode?: number): Fd
  openRead(path: string): Fd
  append(fd: number, bytes: Uint8Array): Count
  sync(fd: number): Void
}

const traced = <Void, Fd, Count, Facts, Names>(
  layer: Hanging<Void, Fd, Count, Facts, Names>,
  trace: Trace
): Hanging<Void, Fd, Count, Facts, Names> => ({
  makeDir: (path, mode) => {
    trace("make directory", { path })
    return layer.makeDir(path, mode)
  },
  nameFacts: (path) => {
    trace("look at", { path })
    return layer.nameFacts(path)
  },
  list: (path) => {
    trace("list", { path })
    return layer.list(path)
  },
  remove: (path) => {
    trace("delete", { path })
    return layer.remove(path)
  },
  openAppend: (path, mode) => {
    trace("open", { path })
    return layer.openAppend(path, mode)
  },
  openNew: (path, mode) => {
    trace("open", { path, for: "making it" })
    return layer.openNew(path, mode)
  },
  openRead: (path) => {
    trace("open", { path, for: "reading" })
    return layer.openRead(path)
  },
  append: (fd, bytes) => {
    trace("append", { fd, bytes: bytes.length })
    return layer.append(fd, bytes)
  },
  sync: (fd) => {
    trace("sync", { fd })
    return layer.sync(fd)
  }
})
