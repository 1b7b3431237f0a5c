// Which rows of a trail are asked for: what the readers of day files know, and what a person on a command line wants besides.
// What can be decided before a line is decoded is raw-filter.ts.
import type { AuditEvent } from "@daybook/core/lines"
import { makeRowFilter, type RowFilters } from "@daybook/file-exporter/filter"

export interface TrailFilters extends RowFilters {
  /** The field `user`, or `user_name` of an older system. */
  readonly user?: string | undefined
  /** Fields by their path, and the text of their value: `status` is `denied`, `args.path` is `/etc`. All must hold. */
  readonly where?: readonly (readonly [field: string, value: string])[] | undefined
}

export interface TrailFilter {
  readonly fromMs: number
  readonly toMs: number
  readonly filters: TrailFilters
  passes(event: AuditEvent): boolean
  /** Whether a file of this session and user may have such rows. */
  passesFile(session: string | undefined, user: string | undefined): boolean
}

/** @throws TypeError for a text that is no moment, or no level. */
export const makeTrailFilter = (caller: string, filters: TrailFilters): TrailFilter => {
  const { user, where = [], ...rowFilters } = filters
  const row = makeRowFilter(caller, rowFilters)
  // They stand between the events every ten seconds: they are given when their category is asked for.
  const hasSeals = filters.categories?.includes("seal") ?? false
  return {
    fromMs: row.fromMs,
    toMs: row.toMs,
    filters,
    passes: (event) =>
      row.passes(event) &&
      (hasSeals || event.kind !== "seal") &&
      (user === undefined || userOf(event) === user) &&
      where.every(([field, value]) => fieldText(event, field) === value),
    passesFile: (session, owner) =>
      (session === undefined || row.passesSession(session)) &&
      (user === undefined || owner === undefined || isFolderOf(user, owner))
  }
}

// A user whose name is unsafe in a path has a folder named by a digest.
const isFolderOf = (user: string, folder: string): boolean => folder === user || folder.startsWith("~")

/** Who did it. */
export const userOf = ({ fields }: AuditEvent): string => {
  const user = fields.user ?? fields.user_name
  return typeof user === "string" ? user : ""
}

/** The text of a field, by its path, or of a part of the head; `undefined` where it is not there. */
export const fieldText = ({ head, fields }: AuditEvent, path: string): string | undefined => {
  const value = valueAt(fields, path) ?? valueAt(head as unknown as Readonly<Record<string, unknown>>, path)
  if (value === undefined) return undefined
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}

const valueAt = (fields: Readonly<Record<string, unknown>>, path: string): unknown => {
  if (Object.hasOwn(fields, path)) return fields[path]
  for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    const inner = Object.hasOwn(fields, path.slice(0, dot)) ? fields[path.slice(0, dot)] : undefined
    if (typeof inner !== "object" || inner === null) continue
    const found = valueAt(inner as Readonly<Record<string, unknown>>, path.slice(dot + 1))
    if (found !== undefined) return found
  }
  return undefined
}
