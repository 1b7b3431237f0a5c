// The two Reacts that the package supports: 19 is the repository's own, 18 is in conformance/react-18. There must be one copy
// of each: everything that imports React, libraries too, gets the same one.
import { join } from "node:path"

export type ReactMajor = 18 | 19

const root = join(import.meta.dirname, "../../..")
const placeOf: Readonly<Record<ReactMajor, string>> = {
  18: join(root, "conformance/react-18/node_modules"),
  19: join(root, "node_modules")
}

/** Where Vite finds React instead: `react`, `react-dom` and everything below them. */
export const reactAliases = (
  react: ReactMajor
): readonly { readonly find: RegExp; readonly replacement: string }[] => [
  { find: /^(react|react-dom)(?=\/|$)/, replacement: join(placeOf[react], "$1") }
]
