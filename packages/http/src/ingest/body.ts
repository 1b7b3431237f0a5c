// A body within its bounds: bytes as they are unpacked, and time. Nothing of it is trusted before it has been counted, and no more
// of it is unpacked than may be.
import { joinedBytes } from "@daybook/core"
import { ingestLimits } from "./limits.ts"

/** A status, where there is no body to go on with. */
export type BodyProblem = 400 | 408 | 413 | 500

/** Reads the body of a request, gzip unpacked. */
export const readBody = async (request: Request, isGzip: boolean): Promise<Uint8Array | BodyProblem> => {
  const { body } = request
  // A body parser has taken it: 400 would make the page give its lines up.
  if (body === null || request.bodyUsed) return 500
  const unpacked = isGzip ? body.pipeThrough(new DecompressionStream("gzip") as typeof unzip) : body
  const reader = unpacked.getReader()
  const late = Promise.withResolvers<"late">()
  const timer = setTimeout(() => late.resolve("late"), ingestLimits.bodyMs)
  const parts: Uint8Array[] = []
  let size = 0
  try {
    for (;;) {
      const read = await Promise.race([reader.read(), late.promise])
      if (read === "late" || size > ingestLimits.bytesMax) {
        reader.cancel().catch(ignore)
        return read === "late" ? 408 : 413
      }
      if (read.done) break
      parts.push(read.value)
      size += read.value.length
    }
  } catch {
    // Broken gzip is the page's; a body that cannot be read is not, and then the page must keep its lines.
    return isGzip ? 400 : 500
  } finally {
    clearTimeout(timer)
  }
  if (size > ingestLimits.bytesMax) return 413
  return size === 0 ? 500 : joinedBytes(parts)
}

declare const unzip: ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>

const ignore = (): undefined => undefined
