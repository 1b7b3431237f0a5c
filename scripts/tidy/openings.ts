// Every source file opens with a comment of two to six lines that says what it owns. A file of a package that is longer than
// 400 lines is one idea, and its opening says which.

import type { Problem, Rule } from "./source-file.ts"

const owesOpening =
  /^((packages|examples)\/[^/]+|benchmarks)\/src\/.+\.tsx?$|^scripts\/(?!test\/).+\.(ts|mjs)$/
const owesSmallness = /^packages\/[^/]+\/src\/.+\.tsx?$/
const linesMax = 400

/** The lines of the comment that a file opens with, without its comment signs and without lines that are empty. */
export function openingOf(text: string): readonly string[] {
  const body = text.replace(/^#!.*\n/, "")
  const block = /^\/\*\*?([\s\S]*?)\*\//.exec(body)?.[1]
  const lines = block ?? /^(?:\/\/.*\n?)*/.exec(body)?.[0] ?? ""
  return lines
    .split("\n")
    .map((line) => line.replace(block === undefined ? /^\/\/+/ : /^\s*\*/, "").trim())
    .filter((line) => line !== "")
}

export const openings: Rule = ({ path, text }) => {
  const opening = openingOf(text)
  const problems: Problem[] = []
  if (owesOpening.test(path) && (opening.length < 2 || opening.length > 6)) {
    problems.push({
      path,
      line: 1,
      rule: "opening",
      message: `the file opens with ${opening.length} lines of comment. Open it with two to six lines that say what it owns.`
    })
  }
  const lines = text.replace(/\n$/, "").split("\n").length
  if (owesSmallness.test(path) && lines > linesMax && !opening.join(" ").includes("One idea:")) {
    problems.push({
      path,
      line: linesMax + 1,
      rule: "size",
      message: `the file has ${lines} lines, more than ${linesMax}. Split it, or say in its opening, in a sentence that starts with "One idea:", why it stays whole.`
    })
  }
  return problems
}
