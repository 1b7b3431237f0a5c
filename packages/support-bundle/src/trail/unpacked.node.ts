// Bytes that another program packed with gzip, in one member or in several. Fed a little at a time: eight kilobytes may unpack to
// eight megabytes. What was unpacked before an error comes before it.
import { createGunzip } from "node:zlib"
import { readLimits } from "../limits.ts"

export async function* unpackedChunks(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const gunzip = createGunzip()
  const ready: Uint8Array[] = []
  let failed: { readonly error: unknown } | undefined
  let goOn: () => void = () => undefined
  gunzip.on("data", (bytes: Uint8Array) => void ready.push(bytes))
  gunzip.on("error", (error) => {
    failed ??= { error }
    goOn()
  })
  const step = async (begin: (end: () => void) => void): Promise<void> => {
    if (failed !== undefined) return
    await new Promise<void>((resolve) => {
      goOn = resolve
      begin(resolve)
    })
  }
  try {
    for await (const chunk of packed) {
      for (let from = 0; from < chunk.length; from += readLimits.packedBytes) {
        const piece = chunk.subarray(from, from + readLimits.packedBytes)
        await step((end) => void gunzip.write(piece, () => end()))
        yield* ready.splice(0)
        if (failed !== undefined) throw (failed as { readonly error: unknown }).error
      }
    }
    await step((end) => {
      gunzip.on("end", end)
      gunzip.end()
    })
    yield* ready.splice(0)
    if (failed !== undefined) throw (failed as { readonly error: unknown }).error
  } finally {
    gunzip.destroy()
  }
}
