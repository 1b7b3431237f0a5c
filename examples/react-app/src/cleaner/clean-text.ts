// The rules of the text cleaner: each takes a text and returns it cleaned, with the number of changes. Pure; the page decides
// which rules are on.

export interface Rule {
  readonly id: string
  readonly label: string
  readonly hint: string
  /** The name of one change. */
  readonly noun: string
  apply(text: string): readonly [text: string, changes: number]
}

export interface Cleaned {
  readonly text: string
  /** The rules that changed something. */
  readonly changes: readonly { readonly noun: string; readonly count: number }[]
}

const replacing =
  (pattern: RegExp, replacement: string | ((match: string) => string)): Rule["apply"] =>
  (text) => {
    let changes = 0
    const cleaned = text.replace(pattern, (match: string) => {
      const next = typeof replacement === "string" ? replacement : replacement(match)
      if (next !== match) changes += 1
      return next
    })
    return [cleaned, changes]
  }

const keepingLines =
  (isKept: (line: string, before: ReadonlySet<string>) => boolean): Rule["apply"] =>
  (text) => {
    const lines = text.split("\n")
    const before = new Set<string>()
    const kept = lines.filter((line) => {
      const isLineKept = isKept(line, before)
      before.add(line)
      return isLineKept
    })
    return [kept.join("\n"), lines.length - kept.length]
  }

const straight: Readonly<Record<string, string>> = {
  "“": '"',
  "”": '"',
  "„": '"',
  "‘": "'",
  "’": "'",
  "‚": "'"
}

/** In the order of their application: invisible characters go first, so that the other rules see the text as people do. */
export const rules: readonly Rule[] = [
  {
    id: "invisible",
    label: "Remove invisible characters",
    hint: "Zero-width spaces, soft hyphens and byte order marks; carriage returns too",
    noun: "invisible character",
    apply: replacing(/\u00ad|\u200b|\u200c|\u200d|\u2060|\ufeff|\r/g, "")
  },
  {
    id: "spaces",
    label: "Collapse spaces",
    hint: "Tabs, hard spaces and runs of spaces become one space",
    noun: "wide gap",
    apply: replacing(/[^\S\n]+/g, " ")
  },
  {
    id: "trim",
    label: "Trim lines",
    hint: "No space at the beginning or end of a line",
    noun: "untrimmed line",
    apply: replacing(/^.*$/gm, (line) => line.trim())
  },
  {
    id: "quotes",
    label: "Straighten quotes",
    hint: "Curly quotes become plain ones",
    noun: "curly quote",
    apply: replacing(/[“”„‘’‚]/g, (quote) => straight[quote] ?? quote)
  },
  {
    id: "blank",
    label: "Remove blank lines",
    hint: "Lines with nothing in them",
    noun: "blank line",
    apply: keepingLines((line) => line.trim() !== "")
  },
  {
    id: "repeated",
    label: "Remove repeated lines",
    hint: "The first one stays",
    noun: "repeated line",
    apply: keepingLines((line, before) => line.trim() === "" || !before.has(line))
  }
]

export const cleanText = (text: string, chosen: ReadonlySet<string>): Cleaned => {
  const changes: { readonly noun: string; readonly count: number }[] = []
  let cleaned = text
  for (const { id, noun, apply } of rules) {
    if (!chosen.has(id)) continue
    const [next, count] = apply(cleaned)
    cleaned = next
    if (count > 0) changes.push({ noun, count })
  }
  return { text: cleaned, changes }
}
