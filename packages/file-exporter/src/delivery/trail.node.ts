// Which files of a trail may have new lines: all files of one app in one folder, of all layouts and users. What changed lately
// is looked at each time; what is quiet as often as its number allows, so that 7,000 users' files cost no more than seven.

//   each look    the directory itself · files that changed in the last minute, or that the exporter names
//   often        files of today and yesterday          ┐ each as often as named in the limits, and never more than one
//   each minute  files of older days · all names again ┘ part in 400 of the time

import { join } from "node:path"
import { describeDiskError } from "../disk/errno.ts"
import type { ReadFacts, ReadLayer } from "../disk/read-layer.ts"
import { deliveryLimits } from "../limits.ts"
import { dayBefore } from "../place/day.ts"
import { type DayFile, listAllFiles } from "../place/list.node.ts"
import { withoutTwins } from "../place/twins.node.ts"

/** A file of the trail. */
export interface TrailFile {
  readonly path: string
  /** Below the log's directory, with "/" between the parts. */
  readonly file: string
  readonly day: string
  /** As they were found last; `undefined` when it is not there. */
  facts: ReadFacts | undefined
  /** When its size was seen to change, in monotonic ms. */
  changedAt: number
  /** Its place among all files: the oldest day is the first. */
  order: number
}

/** What a look has found. */
export interface Looked {
  /** The names were listed anew. */
  readonly isListed: boolean
  /** Files that are not as they were at the look before, and new ones. */
  readonly changed: readonly TrailFile[]
}

export interface TrailOptions {
  readonly app: string
  readonly dir: string
  /** Monotonic ms. */
  now(): number
  /** Ms since 1970. */
  wallNow(): number
  /** A folder of which nothing can be known, once until it can: its files stay as they were found last. */
  onUnreadable(error: unknown): void
}

/** One kind of looks: how often it is due, and how long the last one took. */
class Round {
  private dueAt = Number.NEGATIVE_INFINITY

  isDue(now: number): boolean {
    return now >= this.dueAt
  }

  done(from: number, to: number, everyMs: number): void {
    this.dueAt = to + Math.max(everyMs, (to - from) * deliveryLimits.looksShare)
  }
}

export class Trail {
  private files: readonly TrailFile[] = []
  private readonly known = new Map<string, TrailFile>()
  private listed: readonly DayFile[] = []
  /** Folders that could not be read at the last try. */
  private readonly unreadable = new Set<string>()
  private dirFacts: ReadFacts | undefined
  private readonly listing = new Round()
  private readonly recent = new Round()
  private readonly older = new Round()
  private readonly layer: ReadLayer
  private readonly options: TrailOptions

  constructor(layer: ReadLayer, options: TrailOptions) {
    this.layer = layer
    this.options = options
  }

  /** All files that were there when they were listed last: by day, and what was moved aside before what has its name now. */
  get all(): readonly TrailFile[] {
    return this.files
  }

  /**
   * Looks at the files that are due; their facts are fresh then. `isFull`: at all of them. `named` are paths that are known to
   * have grown. Rejects when the directory is there and cannot be listed.
   */
  async look(
    today: string,
    { isFull, named, pollMs }: { isFull: boolean; named: ReadonlySet<string>; pollMs: number }
  ): Promise<Looked> {
    const { now } = this.options
    const changed: TrailFile[] = []
    const isListed = await this.list(isFull, named)
    const begin = now()
    const yesterday = dayBefore(today, 1)
    const isRecent = ({ day }: TrailFile): boolean => day >= yesterday
    const isHot = ({ path, changedAt }: TrailFile): boolean =>
      named.has(path) || begin - changedAt < deliveryLimits.hotMs
    const hot = this.files.filter((file) => isFull || isHot(file))
    await this.ask(hot, changed)
    for (const [round, files, everyMs] of [
      [this.recent, (file: TrailFile) => isRecent(file), pollMs],
      [this.older, (file: TrailFile) => !isRecent(file), deliveryLimits.pollOlderMs]
    ] as const) {
      const from = now()
      if (!isFull && !round.isDue(from)) continue
      if (!isFull)
        await this.ask(
          this.files.filter((file) => files(file) && !isHot(file)),
          changed
        )
      round.done(from, now(), everyMs)
    }
    return { isListed, changed }
  }

  // Names come and go in the directory itself, which shows it, and in users' directories, which are too many to ask.
  private async list(isFull: boolean, named: ReadonlySet<string>): Promise<boolean> {
    const { now, app, dir } = this.options
    const facts = await this.layer.facts(dir).catch(() => undefined)
    const isSame = facts?.id === this.dirFacts?.id && facts?.changedMs === this.dirFacts?.changedMs
    const from = now()
    const isKnown = [...named].every((path) => this.known.has(path))
    if (!isFull && isSame && isKnown && !this.listing.isDue(from)) return false
    const failed = new Set<string>()
    const orElse = (folder: string, error: unknown): readonly DayFile[] => {
      failed.add(folder)
      this.complain(folder, error)
      return this.listed.filter(({ file }) => file.startsWith(`${folder}/`))
    }
    this.listed = await listAllFiles(this.layer, { app, dir, withPacked: true, orElse })
    for (const folder of this.unreadable) if (!failed.has(folder)) this.unreadable.delete(folder)
    const { files } = await withoutTwins(this.layer, this.listed)
    this.dirFacts = facts
    this.files = files.map((found) => this.fileOf(found))
    for (const [order, file] of this.files.entries()) file.order = order
    const paths = new Set(this.files.map(({ path }) => path))
    for (const path of this.known.keys()) if (!paths.has(path)) this.known.delete(path)
    this.listing.done(from, now(), deliveryLimits.pollOlderMs)
    return true
  }

  private fileOf({ path, file, day }: DayFile): TrailFile {
    const known = this.known.get(path)
    if (known !== undefined) return known
    const added: TrailFile = {
      path,
      file,
      day,
      facts: undefined,
      changedAt: Number.NEGATIVE_INFINITY,
      order: 0
    }
    this.known.set(path, added)
    return added
  }

  private complain(folder: string, error: unknown): void {
    if (!this.unreadable.has(folder)) this.options.onUnreadable(error)
    this.unreadable.add(folder)
  }

  private async ask(files: readonly TrailFile[], changed: TrailFile[]): Promise<void> {
    for (const file of files) {
      let facts: ReadFacts | undefined
      try {
        facts = await this.layer.facts(file.path)
      } catch (error) {
        const { dir } = this.options
        const why = `Cannot read ${JSON.stringify(file.path)}: ${describeDiskError(error)}`
        this.complain(file.file.split("/")[0] ?? dir, new Error(why, { cause: error }))
        continue
      }
      if (facts?.size === file.facts?.size && facts?.id === file.facts?.id) continue
      if (facts !== undefined)
        file.changedAt = this.options.now() - quietMs(file, facts, this.options.wallNow())
      file.facts = facts
      changed.push(file)
    }
  }
}

// A file that is seen for the first time may have been quiet for long.
const quietMs = (file: TrailFile, facts: ReadFacts, now: number): number =>
  file.facts === undefined ? Math.max(0, now - facts.changedMs) : 0

/** The path of a file of the trail, from its name below the directory. */
export const pathIn = (dir: string, file: string): string => join(dir, ...file.split("/"))
