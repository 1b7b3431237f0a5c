// A file and a packed one of the same name: a program is packing it, or has kept it, and its lines would come twice; or lines
// came late to a day that was packed, and both have their own. The first line tells.

import { PackedFile } from "../disk/packed-file.node.ts"
import type { OpenFile, ReadLayer } from "../disk/read-layer.ts"
import { isPackedName, unpackedName } from "./layout.node.ts"

/** Files to be read, and those that are left out, because they are packed copies of others. */
export interface WithoutTwins<File> {
  readonly files: readonly File[]
  readonly twins: readonly File[]
}

export const withoutTwins = async <File extends { readonly path: string }>(
  layer: ReadLayer,
  files: readonly File[]
): Promise<WithoutTwins<File>> => {
  const paths = new Set(files.map(({ path }) => path))
  const twins = new Set<File>()
  for (const file of files) {
    const { path } = file
    if (isPackedName(path) && paths.has(unpackedName(path)) && (await isTwin(layer, path))) twins.add(file)
  }
  return { files: twins.size === 0 ? files : files.filter((file) => !twins.has(file)), twins: [...twins] }
}

const isTwin = async (layer: ReadLayer, path: string): Promise<boolean> => {
  const packed = await firstLine(layer, path)
  // One that is being packed may hold nothing yet.
  return packed === "" || packed === (await firstLine(layer, unpackedName(path)))
}

/** The beginning of a file's first line; "" where there is none. What cannot be read is told where it is read. */
const firstLine = async (layer: ReadLayer, path: string): Promise<string> => {
  let open: OpenFile | undefined
  try {
    const handle = await layer.open(path)
    open = handle !== undefined && isPackedName(path) ? new PackedFile(handle) : handle
    const bytes = new Uint8Array(headBytes)
    let count = 0
    for (let more = -1; open !== undefined && more !== 0 && count < headBytes; count += more)
      more = await open.read(bytes.subarray(count), count)
    return new TextDecoder("latin1").decode(bytes.subarray(0, count)).split("\n")[0] ?? ""
  } catch {
    return ""
  } finally {
    await open?.close()
  }
}

/** An id stands at the end of a line; two lines that are equal so far are the same one. */
const headBytes = 64 * 1024
