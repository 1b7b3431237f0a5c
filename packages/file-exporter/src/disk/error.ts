// What a failed file operation says to people: what was tried, where, and the errno by name.
// Whether and when it is tried again is decided by core's writer.
import { ExportError } from "@daybook/core"
import { codeOf, describeDiskError } from "./errno.ts"

/** `Cannot append to "…": disk is full … (ENOSPC)`, always worth another try: disks come back. */
export const toDiskError = (action: string, path: string, error: unknown): ExportError => {
  if (error instanceof ExportError) return error
  return diskRefusal(action, path, describeDiskError(error), error)
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
