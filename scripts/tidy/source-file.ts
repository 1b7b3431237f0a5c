// What a rule of tidy reads and returns: the path and text of a file, or of all files, and the problems in them. Rules are
// pure functions; scripts/tidy.ts reads the files.

import { parseSync } from "vite"

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

/** A rule that needs all files at once. */
export type TreeRule = (files: readonly SourceFile[]) => readonly Problem[]

export const isCode = ({ path }: SourceFile): boolean => /\.(ts|tsx|js|mjs)$/.test(path)

/** The 1-based line of a place in the text. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length
}

/** A part of a file's text, and where it begins. */
export interface Part {
  readonly text: string
  readonly offset: number
}

/** What a file says to people: the comments of code; a page without its programs. */
export function proseOf(file: SourceFile): readonly Part[] {
  if (!isCode(file)) return [{ text: withoutPrograms(pageOf(file)), offset: 0 }]
  return parseSync(file.path, file.text).comments.map(({ value, start }) => ({
    text: value,
    offset: start + 2
  }))
}

/** A block of a page that says its language. Its first line may name the file that it is. */
export const program = /^```\w+\n(?:\/\/ (\S+)\n)?[\s\S]*?^```$/gm

export const pageOf = ({ path, text }: SourceFile): string => (path.endsWith(".md") ? text : "")

export const withoutPrograms = (page: string): string =>
  page.replace(program, (block) => block.replace(/[^\n]/g, " "))

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
