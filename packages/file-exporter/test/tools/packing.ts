// Files as another program packs them.

import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { gzipSync } from "node:zlib"

/** Packs a file, as `gzip` does: it is gone then. Returns the packed one's path. */
export const pack = (path: string, name: string = path): string => {
  writeFileSync(`${name}.gz`, gzipSync(readFileSync(path)))
  rmSync(path)
  return `${name}.gz`
}
