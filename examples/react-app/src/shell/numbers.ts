// Numbers for people: with separators, with the right noun, and sizes in units.
// en-US everywhere, like the rest of the app.

const integer = new Intl.NumberFormat("en-US")

export const number = (value: number): string => integer.format(value)

export const counted = (value: number, noun: string): string =>
  `${number(value)} ${noun}${value === 1 ? "" : "s"}`

/** With up to three digits, enough to compare files by eye. */
export const fileSize = (bytes: number): string => {
  if (bytes < 1_000) return `${bytes} B`
  const [size, unit] = bytes < 1_000_000 ? [bytes / 1_000, "kB"] : [bytes / 1_000_000, "MB"]
  return `${size < 100 ? size.toFixed(1) : Math.round(size)} ${unit}`
}
