// What a person sees: one line for each thing that happens, with the time and who it happens to. Lines are as wide as the
// terminal, at most 100 columns; what is longer goes on below. A file gets the same lines without colours.
import { stripVTControlCharacters, styleText } from "node:util"

export type Who = "program" | "database" | "delivery" | "proof"

const columnsMax = 100
const whoColumns = 8
/** Where the text begins. */
const indent = 2 + 6 + 2 + 2 + whoColumns + 2

const colors = { program: "cyan", database: "magenta", delivery: "yellow", proof: "green" } as const

type Facts = readonly (readonly [name: string, value: string])[]

export interface Screen {
  title(text: string, facts: Facts): void
  /** What happens now. */
  say(who: Who, ...lines: readonly string[]): void
  /** What is left behind. */
  end(facts: Facts): void
}

export const makeScreen = (output: NodeJS.WriteStream): Screen => {
  const beganAt = performance.now()
  const columns = Math.min(columnsMax, output.isTTY === true ? output.columns || columnsMax : columnsMax)
  const print = (line = ""): void => void output.write(`${line}\n`)
  const list = (facts: Facts): void => {
    for (const [name, value] of facts) print(`  ${name.padEnd(10)} ${value}`)
    print()
  }
  return {
    end: (facts) => {
      print()
      list(facts)
    },
    title: (text, facts) => {
      print()
      print(`  ${styleText("bold", text)}`)
      print()
      list(facts)
    },
    say: (who, ...lines) => {
      const seconds = ((performance.now() - beganAt) / 1_000).toFixed(1).padStart(6)
      const begin = `  ${styleText("dim", `${seconds} s`)}  ${styleText(colors[who], who.padEnd(whoColumns))}  `
      const texts = lines.flatMap((line) => wrapped(line, columns - indent))
      for (const [number, text] of texts.entries())
        print(number === 0 ? `${begin}${text}` : `${" ".repeat(indent)}${text}`)
    }
  }
}

/** In pieces of at most so many columns, cut between words. A word that is longer, such as a path, stays whole. */
export const wrapped = (text: string, columns: number): readonly string[] => {
  const lines: string[] = []
  for (const word of text.split(" ")) {
    const last = lines.at(-1)
    const longer = last === undefined ? word : `${last} ${word}`
    if (last === undefined || stripVTControlCharacters(longer).length > columns) lines.push(word)
    else lines[lines.length - 1] = longer
  }
  return lines
}

/** As people say it: 12 kB. */
export const bytesText = (bytes: number): string =>
  bytes < 1_000 ? `${bytes} bytes` : `${(bytes / 1_000).toFixed(bytes < 10_000 ? 1 : 0)} kB`

export const secondsText = (ms: number): string => `${(Math.max(0, ms) / 1_000).toFixed(1)} s`

export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`
