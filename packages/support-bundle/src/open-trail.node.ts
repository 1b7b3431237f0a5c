// The one door to a trail: a folder, a file, a zip, a packed file, bytes or a pipe become the same thing. What is asked of it is
// trail/trail.ts; this file knows where bytes come from on a machine, and how such a trail is followed and proved there.
import { lstat } from "node:fs/promises"
import { basename, dirname, resolve } from "node:path"
import type { VerifyReport } from "@daybook/file-exporter/verify"
import type { TrailRow } from "./rows/row-maker.ts"
import type { TrailFile } from "./rows/trail-file.ts"
import { makeTrailFilter, type TrailFilters } from "./rows/trail-filter.ts"
import { readName } from "./trail/file-name.ts"
import { followFile } from "./trail/follow-file.node.ts"
import { followFolder } from "./trail/follow-folder.node.ts"
import { fileAt, filesIn, openPlain } from "./trail/node-files.node.ts"
import { makeTrail, type RowsOptions, type Trail, TrailError } from "./trail/trail.ts"
import { unpackedChunks } from "./trail/unpacked.node.ts"
import { type TrailVerifyOptions, verifyFiles, verifyFolder } from "./trail/verify-trail.node.ts"
import { openZip } from "./trail/zip-files.ts"

/** A path; the bytes of a zip, a packed file or a file; or a pipe, which can be read once. */
export type TrailSource = string | Uint8Array | AsyncIterable<Uint8Array>

export interface OpenTrailOptions {
  /** Which app's, where a folder has files of several. */
  readonly app?: string | undefined
}

/** A trail on this machine. */
export interface OpenTrail extends Trail {
  /** The folder, where the source is one. */
  readonly dir: string | undefined
  /** Rows as they are written, until the signal aborts. @throws TrailError for a source that cannot grow. */
  follow(
    filters: TrailFilters,
    options: RowsOptions & { readonly signal: AbortSignal }
  ): AsyncIterable<TrailRow>
  /** What its seals prove. What is no folder is unpacked into a private one, which is removed again. */
  verify(options?: TrailVerifyOptions): Promise<VerifyReport>
  close(): Promise<void>
}

/**
 * Opens a trail.
 *
 * @throws TrailError when nothing is there, when a folder has several apps and none was named, and for a zip that is not safe;
 * whatever the system throws for what cannot be read.
 */
export const openTrail = async (source: TrailSource, options: OpenTrailOptions = {}): Promise<OpenTrail> => {
  const found = typeof source === "string" ? await atPath(source) : await ofBytes(source)
  try {
    const trail = makeTrail({ ...found, app: options.app })
    const { dir } = found
    return {
      ...trail,
      dir,
      follow: (filters, how) => followed(trail, found, filters, how),
      verify: (how = {}) => (dir === undefined ? verifyFiles(trail, how) : verifyFolder(trail, dir, how)),
      close: found.close
    }
  } catch (error) {
    await found.close()
    throw error
  }
}

interface Found {
  readonly files: readonly TrailFile[]
  /** For errors. */
  readonly source: string
  readonly dir: string | undefined
  /** Of a source that is one plain file. */
  readonly path: string | undefined
  close(): Promise<void>
}

const followed = (
  trail: Trail,
  { dir, path, source }: Found,
  filters: TrailFilters,
  { signal }: { readonly signal: AbortSignal }
): AsyncIterable<TrailRow> => {
  const filter = makeTrailFilter("follow", filters)
  if (dir !== undefined) return followFolder(trail, dir, filter, signal)
  const [file] = trail.files
  if (path === undefined || file?.readAt === undefined)
    throw new TrailError("refused", `${source} does not grow: only a folder or a plain file can be followed`)
  return followFile(path, file.name, file.size ?? 0, filter, signal)
}

/** Most sources are neither a folder nor one plain file, and hold nothing open. */
const plainSource = { dir: undefined, path: undefined, close: async () => undefined } as const

const atPath = async (given: string): Promise<Found> => {
  const path = resolve(given)
  const source = JSON.stringify(given)
  const facts = await lstat(path).catch((error: unknown) => {
    if ((error as { readonly code?: unknown }).code !== "ENOENT") throw error
    throw new TrailError("missing", `There is no file or folder ${source}`)
  })
  if (facts.isDirectory()) return { ...plainSource, source, dir: path, files: await filesIn(path) }
  const name = nameBelowUsers(path)
  if (!(await isZip(path))) return { ...plainSource, source, path, files: [fileAt(path, name, facts.size)] }
  const handle = await openPlain(path)
  try {
    const readAt = async (into: Uint8Array, position: number): Promise<number> =>
      (await handle.read(into, 0, into.length, position)).bytesRead
    const zip = await openZip({ size: facts.size, readAt }, source, unpackedChunks)
    const close = async (): Promise<void> => {
      await zip.close()
      await handle.close()
    }
    return { ...plainSource, source, files: zip.files, close }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** The folders around a user's day say whose it is. */
const nameBelowUsers = (path: string): string => {
  const name = basename(path)
  const folder = dirname(path)
  const whole = `${basename(dirname(folder))}/${basename(folder)}/${name}`
  return readName(whole)?.user === undefined ? name : whole
}

/** What bytes and pipes are called, which have no name. */
const noName = "-"

const ofBytes = async (given: Uint8Array | AsyncIterable<Uint8Array>): Promise<Found> => {
  if (given instanceof Uint8Array) {
    if (!isZipBytes(given)) return ofOne(given, () => once(given), given.length)
    const zip = await openZip(given, noName, unpackedChunks)
    return { ...plainSource, source: noName, files: zip.files, close: () => zip.close() }
  }
  const { first, chunks } = await beginningOf(given)
  // A zip has its list at the end.
  return isZipBytes(first) ? ofBytes(await allOf(chunks)) : ofOne(first, () => chunks)
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes
}

/** One file of lines, packed or not by its first bytes. */
const ofOne = (first: Uint8Array, chunks: () => AsyncIterable<Uint8Array>, size?: number): Found => {
  const isGzip = first[0] === 0x1f && first[1] === 0x8b
  const bytes = (): AsyncIterable<Uint8Array> => (isGzip ? unpackedChunks(chunks()) : chunks())
  return { ...plainSource, source: noName, files: [{ app: "", day: "", name: noName, size, bytes }] }
}

const isZipBytes = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x50 && bytes[1] === 0x4b && (bytes[2] === 0x03 || bytes[2] === 0x05)

const isZip = async (path: string): Promise<boolean> => {
  const handle = await openPlain(path)
  try {
    const head = new Uint8Array(4)
    await handle.read(head, 0, head.length, 0)
    return isZipBytes(head)
  } finally {
    await handle.close()
  }
}

const beginningOf = async (
  given: AsyncIterable<Uint8Array>
): Promise<{ readonly first: Uint8Array; readonly chunks: AsyncIterable<Uint8Array> }> => {
  const iterator = given[Symbol.asyncIterator]()
  const { value, done } = await iterator.next()
  const first: Uint8Array = done === true ? new Uint8Array(0) : value
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    if (first.length > 0) yield first
    yield* { [Symbol.asyncIterator]: () => iterator }
  }
  return { first, chunks: chunks() }
}

const allOf = async (chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk.slice())
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer())
}
