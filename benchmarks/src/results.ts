// What was measured, by cell and library, one sample a round; and what failed. Gives the values of a metric, or ratios between two
// libraries round by round, and computes nothing else.

import type { Sample } from "./job.ts"
import { isLibraryName, type LibraryName } from "./libraries/catalogue.ts"
import { ratiosByRound } from "./statistics.ts"

/** As it stands in a file. A round that failed is null there. */
export type PlainResults = Readonly<Record<string, Readonly<Record<string, readonly (Sample | null)[]>>>>

export interface Failure {
  readonly cell: string
  readonly library: LibraryName
  readonly message: string
}

export class Results {
  readonly failures: Failure[] = []
  private readonly cells = new Map<string, Map<LibraryName, (Sample | undefined)[]>>()

  add(cell: string, library: LibraryName, round: number, sample: Sample): void {
    this.samplesOf(cell, library)[round] = sample
  }

  fail(failure: Failure): void {
    this.failures.push(failure)
  }

  hasCell(cell: string): boolean {
    return this.cells.has(cell)
  }

  cellNames(): readonly string[] {
    return [...this.cells.keys()]
  }

  libraries(cell: string): readonly LibraryName[] {
    return [...(this.cells.get(cell)?.keys() ?? [])]
  }

  /** One value a round; undefined where the round has none. */
  values(cell: string, library: LibraryName, metric: string): readonly (number | undefined)[] {
    const samples = this.cells.get(cell)?.get(library) ?? []
    return Array.from(samples, (sample) => sample?.[metric])
  }

  /** The values that are there. */
  numbers(cell: string, library: LibraryName, metric: string): readonly number[] {
    return this.values(cell, library, metric).filter((value) => value !== undefined)
  }

  ratios(cell: string, metric: string, ours: LibraryName, theirs: LibraryName): readonly number[] {
    return ratiosByRound(this.values(cell, ours, metric), this.values(cell, theirs, metric))
  }

  /** Plain data, for the file of results. */
  toPlain(): PlainResults {
    const plain = (samples: readonly (Sample | undefined)[]): readonly (Sample | null)[] =>
      Array.from(samples, (sample) => sample ?? null)
    const cells = [...this.cells].map(([cell, libraries]) => {
      const byLibrary = [...libraries].map(([library, samples]) => [library, plain(samples)] as const)
      return [cell, Object.fromEntries(byLibrary)] as const
    })
    return Object.fromEntries(cells)
  }

  /** Leaves out libraries that do not exist any more. */
  static fromPlain(plain: PlainResults): Results {
    const results = new Results()
    for (const [cell, libraries] of Object.entries(plain))
      for (const [library, samples] of Object.entries(libraries))
        for (const [round, sample] of samples.entries())
          if (sample !== null && isLibraryName(library)) results.add(cell, library, round, sample)
    return results
  }

  private samplesOf(cell: string, library: LibraryName): (Sample | undefined)[] {
    const libraries = this.cells.get(cell) ?? new Map<LibraryName, (Sample | undefined)[]>()
    this.cells.set(cell, libraries)
    const samples = libraries.get(library) ?? []
    libraries.set(library, samples)
    return samples
  }
}
