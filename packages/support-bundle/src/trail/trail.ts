// A trail: the files of one app, whatever they came in, and what is asked of them. Pure: where files come from, and what proves
// them, is handed in.

import type { Reading } from "../rows/file-rows.ts"
import type { TrailRow } from "../rows/row-maker.ts"
import type { TrailFile } from "../rows/trail-file.ts"
import { makeTrailFilter, type TrailFilters } from "../rows/trail-filter.ts"
import { filesFor, newestRows, trailRows } from "../rows/trail-rows.ts"

/** Why there is no trail. `missing`: nothing is there. `several`: the source has several apps, and none was named. */
export type TrailErrorKind = "missing" | "several" | "refused" | "unreadable"

export class TrailError extends Error {
  readonly kind: TrailErrorKind
  /** The apps to choose from. */
  readonly apps: readonly string[]

  constructor(kind: TrailErrorKind, message: string, apps: readonly string[] = []) {
    super(message)
    this.name = "TrailError"
    this.kind = kind
    this.apps = apps
  }
}

export interface RowsOptions {
  /** Ends the rows without an error. */
  readonly signal?: AbortSignal | undefined
  /** Gets the bytes of lines that were read since the last call. */
  readonly onBytes?: ((bytes: number) => void) | undefined
}

/** The lines of one app in one place. */
export interface Trail {
  /** "" where no name says it. */
  readonly app: string
  readonly files: readonly TrailFile[]
  /** Bytes of the files that such rows may be in, as they lie: for showing how far a reader is. */
  bytesFor(filters?: TrailFilters): number
  /** The rows that pass: by day, and by time between files of one day. Each `for await` reads anew, a pipe only once. */
  rows(filters?: TrailFilters, options?: RowsOptions): AsyncIterable<TrailRow>
  /** The same, as many at a time as were found together. */
  batches(filters?: TrailFilters, options?: RowsOptions): AsyncIterable<readonly TrailRow[]>
  /** The newest rows that pass, oldest first. Reads files from their end where that is possible. */
  newest(count: number, filters?: TrailFilters, options?: RowsOptions): Promise<readonly TrailRow[]>
}

export interface TrailParts {
  readonly files: readonly TrailFile[]
  readonly app?: string | undefined
  /** For errors. */
  readonly source: string
}

/** @throws TrailError when there is no file of the app, or files of several and none was named. */
export const makeTrail = ({ files: found, app: wanted, source }: TrailParts): Trail => {
  const { files, app } = ofOneApp(found, wanted, source)
  const reading = (filters: TrailFilters, options: RowsOptions): Reading => ({
    filter: makeTrailFilter("rows", filters),
    ...options
  })
  const batches: Trail["batches"] = (filters = {}, options = {}) => {
    const how = reading(filters, options)
    return { [Symbol.asyncIterator]: () => trailRows(files, how) }
  }
  return {
    app,
    files,
    bytesFor: (filters = {}) =>
      filesFor(files, makeTrailFilter("bytesFor", filters)).reduce((sum, { size = 0 }) => sum + size, 0),
    batches,
    rows: (filters, options) => ({
      [Symbol.asyncIterator]: async function* () {
        for await (const rows of batches(filters, options)) yield* rows
      }
    }),
    newest: async (count, filters = {}, options = {}) => newestRows(files, count, reading(filters, options))
  }
}

// Users' days name no app: they belong to the one that the folder has, or to the one that was named.
const ofOneApp = (
  files: readonly TrailFile[],
  wanted: string | undefined,
  source: string
): { readonly files: readonly TrailFile[]; readonly app: string } => {
  const apps = [...new Set(files.map(({ app }) => app).filter((app) => app !== ""))].sort()
  if (files.length === 0) throw new TrailError("missing", `There is no file with lines in ${source}`)
  if (wanted !== undefined) {
    const own = files.filter(({ app, user }) => app === wanted || user !== undefined)
    if (own.length > 0) return { files: own, app: wanted }
    throw new TrailError(
      "missing",
      `There is no file of the app ${JSON.stringify(wanted)} in ${source}`,
      apps
    )
  }
  const [app = "", ...others] = apps
  if (others.length > 0)
    throw new TrailError("several", `${source} has files of ${apps.length} apps: ${apps.join(", ")}`, apps)
  // Beside a log's own files, others are not lines of it.
  return {
    files: app === "" ? files : files.filter((file) => file.app !== "" || file.user !== undefined),
    app
  }
}
