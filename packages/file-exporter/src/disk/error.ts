// What a failed file operation says to people: what was tried, where, and the errno by name.
// Whether and when it is tried again is decided by core's writer.
import { ExportError } from "@daybook/core"

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

/** `Cannot append to "…": disk is full … (ENOSPC)`, always worth another try: disks come back. */
export const toDiskError = (action: string, path: string, error: unknown): ExportError => {
  if (error instanceof ExportError) return error
  return diskRefusal(action, path, describeDiskError(error), error)
}

/** Why a file operation failed, with the errno's name: `disk is full, or out of inodes (ENOSPC)`. */
export const describeDiskError = (error: unknown): string => {
  const { code, errno } = error as { readonly code?: unknown; readonly errno?: unknown }
  const name =
    (typeof errno === "number" ? codeByErrno[errno] : undefined) ??
    (typeof code === "string" ? code : "no code")
  const why = words[name] ?? (error instanceof Error ? error.message : "unknown error")
  return `${why} (${name})`
}

/** The same for what the disk would do and we will not. */
export const diskRefusal = (action: string, path: string, why: string, cause?: unknown): ExportError =>
  new ExportError({
    reason: `Cannot ${action} ${JSON.stringify(path)}: ${why}`,
    retryable: true,
    outcome: "failed",
    cause
  })

/** Errors that stay until somebody does something about this one file: its name, its owner, what stands in its place. */
const standing = new Set<unknown>([
  "EACCES",
  "EPERM",
  "ENOTDIR",
  "ELOOP",
  "EISDIR",
  "EEXIST",
  "ENXIO",
  "ENODEV",
  "ENAMETOOLONG"
])

export const isStandingCode = (code: unknown): boolean => standing.has(code)

/** True for such an error, and for what we refuse ourselves, which has no cause. */
export const isStanding = (error: unknown): boolean =>
  error instanceof ExportError && (error.cause === undefined || isStandingCode(codeOf(error.cause)))

/** The errno's name, where there is one. */
export const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown } | null)?.code

const unsyncable = new Set<unknown>([
  "EINVAL",
  "EPERM",
  "EISDIR",
  "EACCES",
  "EBADF",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP"
])

/** How a system says that there is no such thing as syncing this directory. */
export const isUnsyncable = (error: unknown): boolean => unsyncable.has(codeOf(error))
