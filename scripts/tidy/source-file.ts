// What every rule of tidy reads and returns: one file's path and text, and the problems found in it. Rules are pure
// functions from one to the other; which files exist is the door's business.

export interface SourceFile {
  /** Relative to the repository's root, with "/" between its parts. */
  readonly path: string
  readonly text: string
}

export interface Problem {
  readonly path: string
  readonly line: number
  readonly rule: string
  /** What is wrong, and what to do instead: two sentences. */
  readonly message: string
}

export type Rule = (file: SourceFile) => readonly Problem[]

export const isCode = ({ path }: SourceFile): boolean => /\.(ts|tsx|js|mjs)$/.test(path)

/** The 1-based line of a place in the text. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length
}

export interface Import {
  readonly from: string
  readonly line: number
}

/** Statements that begin a line, side-effect imports, and import() calls. */
const importForms = [
  /^(?:import|export)\b(?:[\w\s*$,]|\{[^{}]*\})*?\bfrom\s*"([^"]+)"/gm,
  /^import\s*"([^"]+)"/gm,
  /\bimport\(\s*"([^"]+)"\s*\)/g
]

export function importsOf({ text }: SourceFile): readonly Import[] {
  return importForms.flatMap((form) =>
    [...text.matchAll(form)].map((match) => ({
      from: match[1] ?? "",
      line: lineAt(text, match.index + match[0].length)
    }))
  )
}
