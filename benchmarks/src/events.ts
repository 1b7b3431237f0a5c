// The logged events: several shapes, and enough ready-made events of each that no two neighbours are alike. They are made
// beforehand, so that a measure times logging, and not the making of objects, errors and stacks.
// Each library's own file decides how it logs them.

export type Value = string | number | boolean | readonly string[]

/** What events of one kind share: the input for a definition or a child logger. */
export interface Kind {
  /** Its index in `kinds`: adapters keep one child logger or definition for each kind. */
  readonly index: number
  readonly category: string
  readonly fields: readonly string[]
  /** The text for people. Every adapter makes it at the call, as an application would. */
  message(fields: Readonly<Record<string, unknown>>): string
}

export interface BenchEvent {
  readonly kind: Kind
  readonly fields: Readonly<Record<string, Value>>
  /** Present in events of shape "error". */
  readonly error: Error | undefined
}

export const shapeNames = ["small", "tool", "error", "mixed", "non-ascii"] as const
export type ShapeName = (typeof shapeNames)[number]

/** The session that all peers bind: as long as ours. */
export const sessionId = "1a2c3d4e"

/** A power of two: `index & (eventsPerShape - 1)` picks one. */
const eventsPerShape = 1_024

const kindList: Kind[] = []

const makeKind = (category: string, fields: readonly string[], message: Kind["message"]): Kind => {
  const kind = { index: kindList.length, category, fields, message }
  kindList.push(kind)
  return kind
}

const uploaded = makeKind("upload", ["filename", "bytes"], ({ filename }) => `Uploaded ${String(filename)}`)
const called = makeKind(
  "tool",
  ["tool", "query", "filters", "model", "request", "answer"],
  ({ tool }) => `Called ${String(tool)}`
)
const failure = "analyze: row 7 has no delimiter"
const failed = makeKind("exception", ["filename"], () => failure)

/** A field's name decides the type of its values: text, whole number, flag or list. */
const mixedNames = ["user", "page", "count", "duration_ms", "cached", "tags", "path", "reason"] as const

const mixedValue = (name: string, index: number): Value => {
  if (name === "count" || name === "duration_ms") return (index * 37) % 9_973
  if (name === "cached") return index % 2 === 0
  if (name === "tags") return ["csv", `batch-${index % 10}`]
  return `${name}-${index % 100}`
}

// 64 sets of names, 8 categories: no cache of one shape fits all of them.
const mixedKinds = Array.from({ length: 64 }, (_, index) => {
  const width = 2 + (index % 7)
  const names = Array.from(
    { length: width },
    (_, at) => mixedNames[(index * 3 + at) % mixedNames.length] ?? "user"
  )
  const fields = names.map((name) => `${name}_${index % 8}`)
  const text = `Step ${index} of the import finished`
  return makeKind(`area-${index % 8}`, fields, () => text)
})

/** All kinds, by their index. */
export const kinds: readonly Kind[] = kindList

/** A small event whose number is on its line: for counting what arrived, and what arrived twice. */
export const numberedEvent = (index: number): BenchEvent => ({
  kind: uploaded,
  fields: { filename: "customers.csv", bytes: index },
  error: undefined
})

const small = (index: number): BenchEvent => ({
  kind: uploaded,
  fields: { filename: index % 2 === 0 ? "customers.csv" : "inventory.csv", bytes: 24_813 + index },
  error: undefined
})

// With time, level, category, session and message this comes to 592 bytes.
const tool = (index: number): BenchEvent => ({
  kind: called,
  fields: {
    tool: "search_documents",
    query: `which customers of region ${index % 100} have not paid their invoice of the last quarter`,
    filters: "status = open and due < 2026-10-01 and amount > 250.00 and not disputed",
    model: "large-2026-08",
    request: `req-${100_000 + index}-b7e1c9d2-4f3a-49a8-9f26-7c1e88d0a4b5`,
    answer:
      "Found 17 customers; the three largest open amounts are those of Miller, Okafor and Lindqvist, all of them overdue for more than six weeks"
  },
  error: undefined
})

const error = (index: number): BenchEvent => {
  const error = new TypeError(`row ${index} has no delimiter`)
  // Reading it once makes the text of the stack: that cost belongs to the error, not to logging it.
  void error.stack
  return { kind: failed, fields: { filename: `weird-${index % 10}.csv` }, error }
}

const mixed = (index: number): BenchEvent => {
  const kind = mixedKinds[index % mixedKinds.length] ?? uploaded
  const toValue = (field: string): Value => mixedValue(field.slice(0, field.lastIndexOf("_")), index)
  return {
    kind,
    fields: Object.fromEntries(kind.fields.map((name) => [name, toValue(name)])),
    error: undefined
  }
}

const nonAscii = (index: number): BenchEvent => ({
  kind: uploaded,
  fields: { filename: `Überweisungen-顧客データ-${index % 10}-✅.csv`, bytes: 24_813 + index },
  error: undefined
})

const makers = { small, tool, error, mixed, "non-ascii": nonAscii }

/** `mixed` events can have fewer than 64 kinds, to see whether the number matters. */
export const makeEvents = (shape: ShapeName, kindsMax: number = mixedKinds.length): readonly BenchEvent[] =>
  Array.from({ length: eventsPerShape }, (_, index) => {
    const spread = shape === "mixed" ? index % kindsMax : index
    return makers[shape](spread)
  })
