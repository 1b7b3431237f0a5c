// Numbers for people: three significant figures, with separators. Their units are in the titles of the columns, or are added by
// the caller.

/** 1234567 → "1,234,567"; 0.1234 → "0.123"; NaN → "–". */
export const figure = (value: number): string => {
  if (!Number.isFinite(value)) return "–"
  const size = Math.abs(value)
  if (size === 0) return "0"
  if (size >= 100) return Math.round(value).toLocaleString("en-US")
  if (size >= 10) return value.toFixed(1)
  return value.toFixed(size >= 1 ? 2 : 3)
}

/** Against another one: "×0.27". */
export const ratioText = (value: number): string => (Number.isFinite(value) ? `×${figure(value)}` : "–")
