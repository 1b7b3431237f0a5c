// Runs cells: library after library, round after round, every second round backwards, so that other load of the machine affects all
// libraries alike. A library that fails is noted, and the others go on.

import type { LibraryName } from "./libraries/catalogue.ts"
import type { Cell, Context } from "./measure.ts"
import { Results } from "./results.ts"
import { inRoundOrder } from "./statistics.ts"

interface RoundsOptions {
  readonly rounds: number
  /** Only these libraries, if given. */
  readonly libraries: readonly LibraryName[] | undefined
  /** How many processes at once. More than one distorts every time; it is for runs that only check that all works. */
  readonly atOnce: number
  readonly onProgress: (text: string) => void
}

interface Turn {
  readonly cell: Cell
  readonly library: LibraryName
  readonly round: number
}

const turnsOf = (cell: Cell, { rounds, libraries }: RoundsOptions): readonly Turn[] => {
  const chosen = cell.libraries.filter((name) => libraries === undefined || libraries.includes(name))
  const count = Math.min(rounds, cell.roundsMax ?? rounds)
  return Array.from({ length: count }, (_, round) =>
    inRoundOrder(chosen, round).map((library) => ({ cell, library, round }))
  ).flat()
}

export const runRounds = async (
  cells: readonly Cell[],
  context: Context,
  options: RoundsOptions
): Promise<Results> => {
  const results = new Results()
  const turns = cells.flatMap((cell) => turnsOf(cell, options))
  const left = turns.entries()
  const work = async (): Promise<void> => {
    for (const [index, { cell, library, round }] of left) {
      options.onProgress(`${index + 1}/${turns.length} ${cell.name}, ${library}, round ${round + 1}`)
      try {
        results.add(cell.name, library, round, await cell.run(library, context))
      } catch (error) {
        results.fail({
          cell: cell.name,
          library,
          message: error instanceof Error ? error.message : String(error)
        })
      }
    }
  }
  await Promise.all(Array.from({ length: options.atOnce }, work))
  return results
}
