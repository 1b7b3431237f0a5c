// A log's folder as it grows, by the reader of day files, which knows about midnight, rotation and late lines. Its rows become
// rows of a trail here.
import { basename } from "node:path"
import type { AuditEvent } from "@daybook/core/lines"
import { readForeign } from "../rows/foreign-line.ts"
import type { TrailRow } from "../rows/row-maker.ts"
import type { TrailFilter } from "../rows/trail-filter.ts"
import { type Trail, TrailError } from "./trail.ts"

/** The rows that are written from now on. @throws TrailError where each user has files of their own, and no user is named. */
export async function* followFolder(
  { app, files }: Trail,
  dir: string,
  filter: TrailFilter,
  signal: AbortSignal
): AsyncGenerator<TrailRow, void> {
  const { session, user } = filter.filters
  const isOfUsers = app === "" && files.some((file) => file.user !== undefined)
  if (isOfUsers ? user === undefined : app === "")
    throw new TrailError(
      "refused",
      isOfUsers
        ? "Each user has files of their own here: name a user to follow"
        : "No file here has the name of a log's day: name one file to follow"
    )
  const { follow } = await import("@daybook/file-exporter/read")
  const whose = isOfUsers ? { user, layout: "user" as const } : {}
  for await (const row of follow({ app: app === "" ? "trail" : app, dir, session, signal, ...whose })) {
    if ("damage" in row) yield { ...row, file: basename(row.file) }
    else {
      const event = readForeign(row)
      if (filter.passes(event)) yield { event, file: "", offset: -1, bytes: lineOf(row) }
    }
  }
}

/** The line again, its keys in the order in which the log writes them. */
const lineOf = ({ head: { seq, id, ...head }, fields }: AuditEvent): Uint8Array =>
  new TextEncoder().encode(
    `${JSON.stringify({ ...head, ...fields, ...(seq === undefined ? {} : { seq }), ...(id === "" ? {} : { id }) })}\n`
  )
