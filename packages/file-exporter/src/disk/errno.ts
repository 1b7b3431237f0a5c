// Errors of the system in words, by the name of their errno. Nothing here needs Node: what reads bytes from elsewhere says so in
// the same words.

/** In words, by the name of the errno. */
const words: Readonly<Record<string, string>> = {
  ENOSPC: "disk is full, or out of inodes",
  EDQUOT: "disk quota exceeded",
  EFBIG: "file size limit reached",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "file system is read-only",
  ENOENT: "no such directory",
  ENOTDIR: "a part of the path is not a directory",
  EEXIST: "a file stands in its place",
  EISDIR: "it is a directory",
  ELOOP: "it is a symbolic link",
  ENXIO: "it is a FIFO without a reader",
  EMFILE: "too many open files",
  ENFILE: "too many open files in the system",
  EIO: "input/output error",
  ESTALE: "stale network file handle",
  EBUSY: "it is busy",
  ENAMETOOLONG: "the name is too long"
}

/** Node reports these two as code UNKNOWN. */
const codeByErrno: Readonly<Record<number, string>> = { [-122]: "EDQUOT", [-116]: "ESTALE" }

/** Why a file operation failed, with the errno's name: `disk is full, or out of inodes (ENOSPC)`. */
export const describeDiskError = (error: unknown): string => {
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown }
  const name =
    (typeof errno === "number" ? codeByErrno[errno] : undefined) ??
    (typeof code === "string" ? code : "no code")
  const why = words[name] ?? (error instanceof Error ? error.message : "unknown error")
  return `${why} (${name})`
}

/** The errno's name, where there is one. */
export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code
