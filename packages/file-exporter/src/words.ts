// The few words that texts for people share: in notices, in findings, and in a report.

/** "1 line", "12 lines". */
export const counted = (count: number, one: string, many: string = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`
