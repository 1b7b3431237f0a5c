// What a person is told when a file could not be analyzed: what is wrong with it, and what to do. The log has the outcome
// and the reason; these words are for the screen only.
import type { Problem } from "../analysis/analyze-csv.ts"
import type { Outcome } from "../events.ts"

export interface ProblemWords {
  readonly title: string
  readonly advice: string
}

const words: Readonly<Record<Outcome, ProblemWords>> = {
  missing: {
    title: "The file has gone",
    advice: "It was moved or changed after you chose it. Choose it once more."
  },
  empty_upload: {
    title: "This file is empty",
    advice: "It has no bytes at all. Export it again, and let the export finish."
  },
  not_csv: {
    title: "This is not a CSV file",
    advice: "Its name says so, but inside it is a picture, an archive or a program."
  },
  wrong_encoding: {
    title: "These letters cannot be read",
    advice: "The file is not UTF-8. Save it as “CSV UTF-8” and try again."
  },
  empty_after_repair: {
    title: "Nothing is left of it",
    advice: "It holds only blank lines, commas and quotes."
  },
  no_data: {
    title: "Only a header",
    advice: "There are column names, and no rows below them."
  },
  failed: { title: "This file could not be taken apart", advice: "Check the place that the parser names." }
}

export const problemWords = ({ outcome, reason }: Problem): ProblemWords => {
  const { title, advice } = words[outcome]
  return outcome === "failed" ? { title, advice: `${advice} It says: ${reason}.` } : { title, advice }
}
