// Sealed files for tests: logs that write into memory through the real Sealer, with a clock that shows what it is told,
// and a disk in memory that verify reads. Lines are format 1; events hold what a seed gives them.

import type { SealFields } from "@daybook/core"
import type { ReadLayer } from "../../src/disk/read-layer.ts"
import type { NewSeal, SealKey } from "../../src/seal/key.node.ts"
import type { NewSalts } from "../../src/seal/sealed-lines.node.ts"
import { Sealer } from "../../src/seal/sealer.node.ts"
import { newestSeals, seenSeals } from "../../src/seal/seen.node.ts"
import type { Lines } from "../../src/seal/woven.ts"
import type { Digest } from "../../src/verify/digest.ts"
import type { TrailFile } from "../../src/verify/lines.ts"
import type { VerifyReport } from "../../src/verify/report.ts"
import { type VerifyOptions, verifyOn } from "../../src/verify/verify.node.ts"
import { memoryLayer } from "./reading.ts"

export const app = "datatools"
export const dir = "/logs"

/** Files by their path below the log's directory. */
export class MemoryFiles {
  readonly files = new Map<string, Uint8Array>()

  read(file: string): Uint8Array {
    return this.files.get(file) ?? new Uint8Array()
  }

  text(file: string): string {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(this.read(file))
  }

  /** Lines with their newlines. */
  lines(file: string): string[] {
    return this.text(file).split(/(?<=\n)/)
  }

  write(file: string, content: Uint8Array | string): void {
    this.files.set(file, typeof content === "string" ? new TextEncoder().encode(content) : content)
  }

  append(file: string, bytes: Uint8Array): void {
    // A plain array: the slice of a Buffer is no copy.
    this.files.set(file, new Uint8Array(Buffer.concat([this.read(file), bytes])))
  }

  /** The same files; what is done to one copy is not done to the other. */
  copy(): MemoryFiles {
    const copy = new MemoryFiles()
    for (const [file, bytes] of this.files) copy.files.set(file, bytes.slice())
    return copy
  }

  get layer(): ReadLayer {
    return memoryLayer(new Map([...this.files].map(([file, bytes]) => [`${dir}/${file}`, bytes])))
  }
}

/** The same files as a page has them. */
export const trailFiles = (files: MemoryFiles): readonly TrailFile[] =>
  [...files.files].map(([file, bytes]) => ({
    file,
    open: () => ({
      size: bytes.length,
      read: (into, position) => {
        const part = bytes.subarray(position, position + into.length)
        into.set(part)
        return part.length
      }
    })
  }))

/** A page's digest. */
export const sha256: Digest = (bytes) => crypto.subtle.digest("SHA-256", bytes)

/** Verifies files in memory. */
export const verifyFiles = (
  files: MemoryFiles,
  options: Partial<VerifyOptions> = {}
): Promise<VerifyReport> => verifyOn(files.layer, { app, dir, ...options })

/** What a report says in short: the overall verdict, and the kinds of the problems. */
export const inShort = ({ verdict, problems }: VerifyReport): string =>
  [verdict, ...new Set(problems.map(({ kind }) => kind))].join(" ")

/** 2026-03-05, noon, UTC. */
export const noon = Date.UTC(2026, 2, 5, 12)
export const dayMs = 86_400_000

export interface SealedLogOptions {
  /** 15 hex digits. */
  readonly streamKey?: string
  readonly nowMs?: number
  readonly key?: SealKey | undefined
  readonly linesMax?: number
  readonly newSalts?: NewSalts
  /** It looks at no other files, as one that has another folder. */
  readonly isAlone?: boolean
}

/** A log that writes sealed lines into memory. */
export class SealedLog {
  readonly streamKey: string
  readonly session: string
  readonly sealer: Sealer
  /** Every seal that is down. */
  readonly anchored: NewSeal[] = []
  nowMs: number
  private seq = 0
  private counter = 0
  private readonly files: MemoryFiles
  private readonly newSalts: NewSalts | undefined

  constructor(files: MemoryFiles, options: SealedLogOptions = {}) {
    const { streamKey = "1a2c3d4e5f60718", nowMs = noon, key, linesMax, newSalts } = options
    this.files = files
    this.newSalts = newSalts
    this.streamKey = streamKey
    this.session = streamKey.slice(0, 8)
    this.nowMs = nowMs
    const log = {
      streamKey,
      session: this.session,
      now: () => this.nowMs,
      mark: (kind: "seal", message: string, fields: SealFields) =>
        encode(this.line("info", kind, message, { ...fields }))
    }
    this.sealer = new Sealer(log, { key, linesMax, newSalts })
    if (options.isAlone === true) this.sealer.see({ saw: [], salts: [] })
  }

  /** The day's file by the clock, in UTC. */
  get file(): string {
    return `${app}-${new Date(this.nowMs).toISOString().slice(0, 10)}.jsonl`
  }

  /** An event as text with its newline. */
  event(fields: Readonly<Record<string, unknown>> = {}, category = "load", message = "one of many"): string {
    this.seq += 1
    return this.line("info", category, message, { ...fields, seq: this.seq })
  }

  mark(kind: string, fields: Readonly<Record<string, unknown>>): string {
    return this.line("warn", kind, `a ${kind}`, fields)
  }

  /** Says in today's file, under a seal, that it deletes a file, which is left to the caller. */
  deletes(file: string, fields: Readonly<Record<string, unknown>> = { reason: "age", days: 0 }): void {
    const bytes = this.files.read(file)
    const [day = ""] = /\d{4}-\d\d-\d\d/.exec(file) ?? []
    const retired = { file, size: bytes.length, seals: newestSeals({ file, bytes, isWhole: true }) }
    this.append(
      [this.mark("retention", { count: 1, oldest: day, newest: day, ...fields, files: [retired] })],
      this.file,
      { closing: true }
    )
  }

  /** Numbers of events that will never be written. */
  skip(count: number): void {
    this.seq += count
  }

  start(fields: Readonly<Record<string, unknown>> = {}): void {
    this.append([this.event(fields, "session", "Session started")])
  }

  /** Appends so many events as one batch. */
  write(count: number, file: string = this.file): void {
    this.append(
      Array.from({ length: count }, (_, index) => this.event({ n: index })),
      file
    )
  }

  /** Appends lines, and what the sealer puts between them. `taken`: only so many of the planned lines go down. */
  append(
    texts: readonly string[],
    file: string = this.file,
    { closing = false, last = false, taken = Number.POSITIVE_INFINITY } = {}
  ): number {
    const given = givenLines(texts)
    let plan = this.sealer.plan(file, given, { closing, last })
    if (this.sealer.isBlind(plan)) {
      plan.release()
      this.look(...this.files.files.keys())
      plan = this.sealer.plan(file, given, { closing, last })
    }
    const count = Math.min(taken, plan.ends.length)
    this.files.append(file, plan.bytes.subarray(0, count === 0 ? 0 : plan.ends[count - 1]))
    this.anchored.push(...plan.settle(count))
    return count
  }

  /** Seals what is open. */
  seal(): void {
    for (const { file } of this.sealer.openStretches()) this.append([], file, { closing: true })
  }

  end(): void {
    this.append([this.event({ duration_ms: 1 }, "session", "Session ended")])
    this.seal()
  }

  /** Seals what is open, and says that it is the end. */
  close(): void {
    this.append([], this.file, { last: true })
  }

  /** Looks at files, the oldest first, as a log does when it makes its first seal. */
  look(...names: readonly string[]): void {
    const ends = names.map((file) => ({ file, bytes: this.files.read(file), isWhole: true }))
    this.sealer.see(seenSeals(ends, this.streamKey, this.newSalts))
  }

  private line(
    level: string,
    category: string,
    message: string,
    fields: Readonly<Record<string, unknown>>
  ): string {
    const { nowMs, session } = this
    const ts = Number.isNaN(nowMs) ? "" : new Date(nowMs).toISOString()
    return `${JSON.stringify({ ts, level, category, session, message, ...fields, id: this.nextId() })}\n`
  }

  private nextId(): string {
    const time = Math.max(0, this.nowMs || 0)
      .toString(16)
      .padStart(12, "0")
    const counter = (this.counter++ % 16_384).toString(16).padStart(4, "0")
    const key = this.streamKey
    return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.slice(1)}-8${key.slice(0, 3)}-${key.slice(3)}`
  }
}

export const encode = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Lines as the appender gives them to the sealer. */
export const givenLines = (texts: readonly string[]): Lines => {
  const ends: number[] = []
  for (const text of texts) ends.push((ends.at(-1) ?? 0) + encode(text).length)
  const seqs = texts.map((text) => Number(/,"seq":(\d+),"id"/.exec(text)?.[1] ?? 0))
  return { bytes: encode(texts.join("")), ends, seqs }
}
