// Words that are not used here: in names, words that do not say what a thing does, and second words for a thing that has one;
// in comments and pages, a phrase that hides the subject.

import { isCode, lineAt, type Problem, proseOf, type Rule } from "./source-file.ts"

const emptyWords = "util utils helper helpers common misc manager managers handler base impl v2".split(" ")
const secondWords = "sink sinks transport transports drain drains processor processors spool spools".split(
  " "
)

const bannedInFileNames = new Set([...emptyWords, ...secondWords])
const bannedInCode = new Set([...secondWords, "helper", "helpers", "manager", "managers", "utils"])

/** A name that stands at the beginning of a line where it is declared, or is given by `export { x as name }`. */
const declaration =
  /^\s*(?:export )?(?:declare )?(?:abstract )?(?:async )?(?:const|let|function\*?|class|interface|type|namespace) (\w+)|^export \{[^}]*?\bas (\w+)/gm

/** "HTTPSink2-v2" → http, sink, 2, v2 */
export function wordsOf(name: string): readonly string[] {
  return (name.match(/v\d+|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((word) => word.toLowerCase())
}

export const fileNames: Rule = (file) => {
  if (!isCode(file)) return []
  const words = file.path.split("/").flatMap(wordsOf)
  const allowed = words.includes("ingest") ? ["handler"] : []
  return words
    .filter((word) => bannedInFileNames.has(word) && !allowed.includes(word))
    .map((word) => ({
      path: file.path,
      line: 1,
      rule: "file-name",
      message: `"${word}" says nothing, or is a second word for a thing. Name the file after what it exports.`
    }))
}

export const declaredNames: Rule = (file) => {
  if (!isCode(file)) return []
  return [...file.text.matchAll(declaration)].flatMap((match): readonly Problem[] => {
    const name = match[1] ?? match[2] ?? ""
    const word = wordsOf(name).find((word) => bannedInCode.has(word))
    if (word === undefined) return []
    return [
      {
        path: file.path,
        line: lineAt(file.text, match.index + match[0].length),
        rule: "word",
        message: `"${name}" uses the word "${word}". Say exporter, queue, writer, batch or line, or what the thing does.`
      }
    ]
  })
}

/** As in "how lines look is its business", with the owner's name. */
const hiddenSubject = /\b[\w()-]+['’]s?\s+business\b/g

export const plainWords: Rule = (file) =>
  proseOf(file).flatMap(({ text, offset }) =>
    [...text.matchAll(hiddenSubject)].map((match) => ({
      path: file.path,
      line: lineAt(file.text, offset + match.index),
      rule: "plain-words",
      message: `"${match[0]}" hides who does what. Say it subject first, "the encoder escapes lines", or leave it out.`
    }))
  )
