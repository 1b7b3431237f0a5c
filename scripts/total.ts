// The plain line that ends every runner's output, `N passed, N failed`, with `, N skipped` when there are any.
// It is written and read only here.

export interface Total {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

export const noTests: Total = { passed: 0, failed: 0, skipped: 0 }

export function addTotals(a: Total, b: Total): Total {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped }
}

export function totalLine({ passed, failed, skipped }: Total): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`
}

/** The total that a line says, or undefined when the line is anything else. */
export function readTotal(line: string): Total | undefined {
  const found = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/.exec(line)
  if (found === null) return undefined
  const [, passed, failed, skipped = 0] = found
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) }
}
