// The proof at the end: every event that was confirmed is a line of a day file, and a row of the database, once. The files and
// the rows are read anew; nothing is believed of what the log or the delivery say of themselves.
import { readDay } from "@daybook/file-exporter/read"
import type { FarEnd } from "./far-end.ts"
import { app, type Confirmed } from "./studio.ts"

export interface Asked {
  readonly dir: string
  /** Days on which events were confirmed. */
  readonly days: Iterable<string>
  readonly confirmed: readonly Confirmed[]
  readonly farEnd: FarEnd
}

export interface Proof {
  /** Of the confirmed events, how many have so many lines and rows. */
  readonly once: number
  readonly missingInFiles: number
  readonly missingInTables: number
  readonly moreThanOnce: number
  /** The longest prompt of the confirmed events, and whether the table has it to the last character. */
  readonly longest: { readonly chars: number; readonly isWhole: boolean }
}

export const proofOf = async ({ dir, days, confirmed, farEnd }: Asked): Promise<Proof> => {
  const ids = new Map<string, string>()
  let found = { id: "", prompt: "" }
  for (const day of days) {
    for await (const row of readDay({ app, dir, day })) {
      if ("damage" in row || row.kind !== "event") continue
      const { session, seq, id } = row.head
      ids.set(`${session} ${seq}`, id)
      const { prompt = "" } = row.fields
      if (typeof prompt === "string" && prompt.length > found.prompt.length) found = { id, prompt }
    }
  }
  const rows = await farEnd.rowsOfEvents()
  const counts = confirmed.map(({ session, seq }) => {
    const id = ids.get(`${session} ${seq}`)
    return id === undefined ? undefined : (rows.get(id) ?? 0)
  })
  return {
    once: counts.filter((number) => number === 1).length,
    missingInFiles: counts.filter((number) => number === undefined).length,
    missingInTables: counts.filter((number) => number === 0).length,
    moreThanOnce: counts.filter((number) => number !== undefined && number > 1).length,
    longest: {
      chars: [...found.prompt].length,
      isWhole: (await farEnd.promptOf(found.id)) === found.prompt
    }
  }
}
