// A file that a comment or a page names must exist, so that names follow when files move. A name is the end of a path:
// `writer.ts` and `pipeline/writer.ts` both mean packages/core/src/pipeline/writer.ts. A link is a whole path.
// Left alone by their form: programs that a page shows (a block with a language) and files that their first line names;
// patterns (*.node.ts) and ends of names (.test.ts); what is built or installed; data, logs and settings.

import { posix } from "node:path"
import {
  lineAt,
  type Part,
  type Problem,
  pageOf,
  program,
  proseOf,
  type SourceFile,
  type TreeRule,
  withoutPrograms
} from "./source-file.ts"

const fileName = /(?<![\w.<>{}()*$…/@-])(?:[\w.-]+\/)*\w[\w.-]*\.(?:tsx?|mjs|css|md)(?![\w.*{/-]*\w|\()/g
const link = /\]\(([^)\s#:]+)(?:#[^)]*)?\)/g

const isMade = (name: string): boolean => /(^|\/)(dist|node_modules)\//.test(name)
/** Keys of a line that end as a file would. */
const isKey = (name: string): boolean => name === "origin.ts" || name === "extra.ts"

export const namedFiles: TreeRule = (files) => {
  const paths = new Set(files.map(({ path }) => path))
  const folders = new Set([...paths].flatMap(foldersOf))
  const ends = new Set([...paths].flatMap(endsOf))
  return files.flatMap((file) => {
    const isThere = ({ text: name }: Part): boolean => ends.has(name.replace(/^(?:\.{1,2}\/)+/, ""))
    const leads = ({ text: name }: Part): boolean => {
      const target = posix.join(posix.dirname(file.path), name).replace(/\/$/, "")
      return paths.has(target) || folders.has(target)
    }
    const missing = [
      ...namesIn(file).filter((named) => !isThere(named)),
      ...linksIn(file).filter((named) => !leads(named))
    ]
    return missing.map((named) => problem(file, named))
  })
}

const problem = ({ path, text }: SourceFile, { text: name, offset }: Part): Problem => ({
  path,
  line: lineAt(text, offset),
  rule: "named-file",
  message: `there is no file "${name}". Name the file that took its place, or leave the name out.`
})

/** one/two/file → file, two/file, one/two/file */
const endsOf = (path: string): readonly string[] =>
  path.split("/").map((_, index, parts) => parts.slice(index).join("/"))

/** one/two/file → one, one/two */
const foldersOf = (path: string): readonly string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, parts) => parts.slice(0, index + 1).join("/"))

function namesIn(file: SourceFile): readonly Part[] {
  const own = new Set([...pageOf(file).matchAll(program)].map(([, name]) => name))
  return proseOf(file).flatMap((prose) =>
    [...prose.text.replace(link, blank).matchAll(fileName)]
      .map(({ 0: text, index }) => ({ text, offset: prose.offset + index }))
      .filter(({ text: name }) => !isMade(name) && !isKey(name) && !own.has(name))
  )
}

const linksIn = (file: SourceFile): readonly Part[] =>
  [...withoutPrograms(pageOf(file)).matchAll(link)].map(({ 1: text = "", index }) => ({
    text,
    offset: index
  }))

const blank = (text: string): string => text.replace(/[^\n]/g, " ")
