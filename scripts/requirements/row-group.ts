// The form of the requirements: a row is one sentence under the id that names of tests carry, and a group is the rows
// of one subject. The sentences themselves are in rows-s.ts and rows-f.ts.

export interface Row {
  readonly id: string
  /** One sentence of Markdown that can be understood on its own. */
  readonly sentence: string
}

export interface RowGroup {
  readonly title: string
  /** What all rows of the group are about, in one sentence. */
  readonly about: string
  readonly rows: readonly Row[]
}

/** A group from its sentences by id, in the order in which they are written down. */
export function rowGroup(
  title: string,
  about: string,
  sentences: Readonly<Record<string, string>>
): RowGroup {
  return { title, about, rows: Object.entries(sentences).map(([id, sentence]) => ({ id, sentence })) }
}
