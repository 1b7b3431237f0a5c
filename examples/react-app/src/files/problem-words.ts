// What a person reads when a file could not be analyzed: what is wrong, and what to do. The log has the outcome and the reason;
// these words are for the screen only.
import type { Problem } from "../analysis/analyze-csv.ts"
import type { Outcome } from "../events.ts"

export interface ProblemWords {
  readonly title: string
  readonly advice: string
}

const words: Readonly<Record<Outcome, ProblemWords>> = {
  missing: {
    title: "The file is gone",
    advice: "It was moved or changed after you chose it. Choose it again."
  },
  empty_upload: {
    title: "This file is empty",
    advice: "It has no bytes. Export it again, and let the export finish."
  },
  not_csv: {
    title: "This is not a CSV file",
    advice: "Its name says CSV, but it holds a picture, an archive or a program."
  },
  wrong_encoding: {
    title: "The text cannot be read",
    advice: "The file is not UTF-8. Save it as “CSV UTF-8” and try again."
  },
  empty_after_repair: {
    title: "There is no data in it",
    advice: "It holds only blank lines, commas and quotes."
  },
  no_data: {
    title: "Only a header",
    advice: "There are column names, and no rows below them."
  },
  failed: { title: "This file cannot be parsed", advice: "Check the place that the parser reports." }
}

export const problemWords = ({ outcome, reason }: Problem): ProblemWords => {
  const { title, advice } = words[outcome]
  return outcome === "failed" ? { title, advice: `${advice} Reason: ${reason}.` } : { title, advice }
}
