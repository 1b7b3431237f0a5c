// The few words that texts for people share: in notices, in findings, and in a report.
// What a text says is decided where it is made.

/** "1 line", "12 lines". */
export const counted = (count: number, one: string, many: string = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
