// What somebody does to a trail who can write its files and knows the format: lines found and changed, sessions sealed anew
// with the real sealer, lines redacted by the rule of docs/internals/seal.md.
import { createHash } from "node:crypto"
import type { SealKey } from "../../src/seal/key.node.ts"
import { givenLines, MemoryFiles, SealedLog } from "./sealed-files.ts"

/** A line as JSON. */
export interface AnyLine {
  readonly session?: string
  readonly category?: string
  readonly message?: string
  readonly seq?: number
  readonly id?: string
  readonly ts?: string
  readonly run?: string
  readonly k?: number
  readonly lines?: number
  readonly skip?: number
  readonly [key: string]: unknown
}

export const parsed = (line: string): AnyLine => {
  try {
    return JSON.parse(line) as AnyLine
  } catch {
    return {}
  }
}

export const isSeal = (line: string): boolean => line.includes('"category":"seal"')

/** The 15 digits at the end of a line's id; "" without one. */
export const streamKeyOf = (line: string): string =>
  /([0-9a-f]{3})-([0-9a-f]{12})"}\n$/.exec(line)?.slice(1).join("") ?? ""

/** The stream key of the session that a test has given this name. */
export const sessionNamed = (files: MemoryFiles, name: string): string => {
  for (const file of files.files.keys())
    for (const line of files.lines(file)) if (parsed(line).run === name) return streamKeyOf(line)
  throw new Error(`no session has the name ${JSON.stringify(name)}`)
}

/** Where a line stands. */
export interface Spot {
  readonly file: string
  readonly index: number
  readonly line: string
}

/** All lines of a session, file by file in the order of days. */
export const linesOfSession = (files: MemoryFiles, streamKey: string): readonly Spot[] =>
  inOrder(files).flatMap((file) =>
    files
      .lines(file)
      .map((line, index) => ({ file, index, line }))
      .filter(({ line }) => streamKeyOf(line) === streamKey)
  )

/** A session's seals, in the order of their numbers. */
export const sealsOf = (files: MemoryFiles, streamKey: string): readonly Spot[] =>
  linesOfSession(files, streamKey)
    .filter(({ line }) => isSeal(line))
    .sort((one, other) => kOf(one) - kOf(other))

/** A session's lines behind its last seal in a file; of one that has several such files, the first's. */
export const tailOf = (files: MemoryFiles, streamKey: string): readonly Spot[] => {
  const spots = linesOfSession(files, streamKey)
  for (const file of new Set(spots.map((spot) => spot.file))) {
    const own = spots.filter((spot) => spot.file === file)
    const tail = own.slice(own.findLastIndex(({ line }) => isSeal(line)) + 1)
    if (tail.length > 0) return tail
  }
  throw new Error("no line of the session is without a seal")
}

/** The names of files by their days. */
export const inOrder = (files: MemoryFiles): readonly string[] =>
  [...files.files.keys()].sort((one, other) =>
    dayIn(one) < dayIn(other) ? -1 : dayIn(one) > dayIn(other) ? 1 : one < other ? -1 : 1
  )

const dayIn = (file: string): string => /\d{4}-\d\d-\d\d/.exec(file)?.[0] ?? ""

/** Replaces lines from `index` on. */
export const splice = (
  files: MemoryFiles,
  { file, index }: Pick<Spot, "file" | "index">,
  count: number,
  ...lines: readonly string[]
): void =>
  files.write(
    file,
    files
      .lines(file)
      .toSpliced(index, count, ...lines)
      .join("")
  )

/** Changes one line. A change that changes nothing is a mistake in the attack. */
export const edit = (files: MemoryFiles, spot: Spot, change: (line: string) => string): void => {
  const changed = change(spot.line)
  if (changed === spot.line) throw new Error(`nothing is changed in ${spot.line}`)
  splice(files, spot, 1, changed)
}

/** Changes every line of a file, or of all files. */
export const editAll = (
  files: MemoryFiles,
  change: (line: string, file: string) => string | undefined,
  names: Iterable<string> = [...files.files.keys()]
): void => {
  for (const file of names)
    files.write(
      file,
      files
        .lines(file)
        .map((line) => change(line, file) ?? "")
        .join("")
    )
}

export const dropFiles = (files: MemoryFiles, isGone: (file: string) => boolean): void => {
  let count = 0
  for (const file of [...files.files.keys()])
    if (isGone(file)) {
      files.files.delete(file)
      count += 1
    }
  if (count === 0) throw new Error("no file is dropped")
}

/** Takes all lines of sessions away, and files that are empty then. */
export const dropSessions = (files: MemoryFiles, isGone: (streamKey: string) => boolean): void => {
  editAll(files, (line) => (isGone(streamKeyOf(line)) ? undefined : line))
  for (const [file, bytes] of [...files.files]) if (bytes.length === 0) files.files.delete(file)
}

/**
 * Seals a session anew, all of it, with another key or none: its own lines, changed as it pleases the forger, and a seal at
 * the end of each file.
 */
export const resealSession = (
  files: MemoryFiles,
  streamKey: string,
  {
    key,
    change = (line) => line,
    isClosed = true
  }: {
    readonly key?: SealKey | undefined
    readonly change?: (line: string) => string | undefined
    readonly isClosed?: boolean
  } = {}
): SealedLog => {
  const spots = linesOfSession(files, streamKey)
  const names = [...new Set(spots.map(({ file }) => file))]
  const nowMs = Math.max(...spots.map(({ line }) => Date.parse(parsed(line).ts ?? "") || 0))
  const forger = new SealedLog(files, { streamKey, nowMs, key })
  for (const file of names) {
    const own = spots.filter((spot) => spot.file === file && !isSeal(spot.line))
    const others = files.lines(file).filter((line) => streamKeyOf(line) !== streamKey)
    files.write(file, others.join(""))
    const texts = own.map(({ line }) => change(line)).filter((line) => line !== undefined)
    appendSealed(files, forger, file, texts, isClosed && file === names.at(-1))
  }
  return forger
}

/** Appends lines with a seal behind them. */
export const appendSealed = (
  files: MemoryFiles,
  forger: SealedLog,
  file: string,
  texts: readonly string[],
  last = false
): void => {
  const plan = forger.sealer.plan(file, givenLines(texts), { closing: true, last })
  files.append(file, plan.bytes.slice())
  plan.settle(plan.ends.length)
}

/** The bytes that a signature, `prev`, `saw` and anchors are over. */
export const withoutSalts = (seal: string): string =>
  seal.replace(`,"salts":${JSON.stringify(saltsOf(seal))}`, "")

/**
 * Goes on where a session was killed: with these lines behind its last ones, and a seal over all that none covers yet, which
 * follows its last seal. Signed by whoever does it, or not at all.
 */
export const goOn = (
  files: MemoryFiles,
  streamKey: string,
  key?: SealKey | undefined,
  change: (line: string) => string = (line) => line.replace("approved", "rejected")
): void => {
  const all = linesOfSession(files, streamKey)
  const isOpen = !all.some(({ line }) => line.includes('"closed":true'))
  const { file = "" } = (isOpen ? tailOf(files, streamKey) : all).at(-1) ?? {}
  const spots = all.filter((spot) => spot.file === file)
  const before = sealsOf(files, streamKey).at(-1)
  const skip = spots.findLastIndex(({ line }) => isSeal(line)) + 1
  const open = spots.slice(skip).map(({ line }) => line)
  const last = parsed(open.at(-1) ?? spots.at(-1)?.line ?? "")
  const next = change(
    (open.at(-1) ?? spots.find(({ line }) => !isSeal(line))?.line ?? "")
      .replace(/"seq":\d+/, `"seq":${(last.seq ?? 0) + 1}`)
      .replace(/-7(...)-/, "-7ffe-")
  )
  const scratch = new MemoryFiles()
  const forger = new SealedLog(scratch, { streamKey, nowMs: Date.parse(last.ts ?? ""), key })
  appendSealed(scratch, forger, file, [...open, next])
  const made = scratch.lines(file).find(isSeal) ?? ""
  const prev = before === undefined ? "" : sha256(withoutSalts(before.line)).digest("hex")
  const linked = made
    .replace('"k":1,', `"k":${kOf(before) + 1},`)
    .replace('"skip":0,', `"skip":${skip},`)
    .replace('"prev":""', `"prev":"${prev}"`)
  files.append(file, new TextEncoder().encode(next + signedBy(linked, key)))
}

const kOf = (spot: Spot | undefined): number => parsed(spot?.line ?? "").k ?? 0

/** The seal with a signature of its own bytes, or without one. */
export const signedBy = (seal: string, key: SealKey | undefined): string => {
  if (key === undefined) return seal
  const unsigned = seal.replace(/,"sig":"[\w-]+"/, "")
  const sig = key.sign(new TextEncoder().encode(withoutSalts(unsigned)))
  return unsigned.replace(',"salts":', `,"sig":"${sig}","salts":`)
}

/** Lines of a block of a stretch. */
export const blockLines = 16

/** A stretch where it stands: its lines, and the seal over them. */
export interface SealedStretch {
  readonly lines: readonly Spot[]
  readonly seal: Spot
}

/** The stretches of a session, in the order of files and lines. */
export const stretchesOf = (files: MemoryFiles, streamKey: string): readonly SealedStretch[] => {
  const stretches: SealedStretch[] = []
  let lines: Spot[] = []
  for (const spot of linesOfSession(files, streamKey)) {
    if (lines.at(-1) !== undefined && lines.at(-1)?.file !== spot.file) lines = []
    if (isSeal(spot.line)) {
      stretches.push({ lines, seal: spot })
      lines = []
    } else lines.push(spot)
  }
  return stretches
}

const sha256 = (...parts: readonly string[]): ReturnType<ReturnType<typeof createHash>["update"]> => {
  const hash = createHash("sha256")
  for (const part of parts) hash.update(part)
  return hash
}

/** A line with these members masked, and said to be. */
export const redactedLine = (line: string, paths: readonly string[] = ["message"]): string => {
  const { seq, id, ...rest } = parsed(line)
  const masked = Object.fromEntries(paths.map((path) => [path, "[redacted]"]))
  return `${JSON.stringify({ ...rest, ...masked, redacted: paths, seq, id })}\n`
}

/** Characters of an entry that are its salt. Behind them stand the first digits of its leaf. */
const saltChars = 18

/** The leaf of a block: what stands for it where its salt is taken out. */
export const leafOf = (entry: string, lines: readonly string[]): string =>
  sha256(entry.slice(0, saltChars), sha256(...lines).digest("hex")).digest("hex")

export const saltsOf = (seal: string): readonly string[] => parsed(seal).salts as readonly string[]

export const withSalts = (seal: string, salts: readonly string[]): string =>
  seal.replace(JSON.stringify(saltsOf(seal)), JSON.stringify(salts))

/** The entries of a seal, with the leaves of some blocks in place of their salts. `from` is the first block's entry. */
const withLeaves = (
  seal: string,
  from: number,
  lines: readonly string[],
  blocks: ReadonlySet<number>
): string => {
  const salts = saltsOf(seal).map((entry, at) => {
    const block = at - from
    if (block < 0 || !blocks.has(block) || block * blockLines >= lines.length) return entry
    return leafOf(entry, lines.slice(block * blockLines, (block + 1) * blockLines))
  })
  return withSalts(seal, salts)
}

const leavesOf = (lines: number): number => Math.ceil(lines / blockLines)

/** What a seal's `saw` says of lines that these are the first of: the entry of its first leaf, and how many lines it has seen. */
const seenIn = (
  seal: string,
  lines: readonly string[]
): readonly { readonly from: number; readonly count: number }[] => {
  const { lines: own = 0, saw = [] } = parsed(seal)
  let from = leavesOf(own)
  const found: { readonly from: number; readonly count: number }[] = []
  for (const { tail } of saw as readonly {
    readonly tail?: { readonly lines: number; readonly sha256: string }
  }[]) {
    if (tail === undefined) continue
    const leaves = saltsOf(seal)
      .slice(from, from + leavesOf(tail.lines))
      .map((entry, block) =>
        leafOf(entry, lines.slice(0, tail.lines).slice(block * blockLines, (block + 1) * blockLines))
      )
    if (sha256(...leaves).digest("hex") === tail.sha256) found.push({ from, count: tail.lines })
    from += leavesOf(tail.lines)
  }
  return found
}

/** Redacts lines of a stretch, by their places in it, as the format allows: also where another session has seen them. */
export const redactIn = (
  files: MemoryFiles,
  { lines, seal }: SealedStretch,
  places: readonly number[],
  { isSeen = true, paths }: { readonly isSeen?: boolean; readonly paths?: readonly string[] } = {}
): void => {
  const blocks = new Set(places.map((place) => Math.floor(place / blockLines)))
  const texts = lines.map(({ line }) => line)
  if (isSeen)
    editAll(files, (line) => {
      if (!isSeal(line) || !line.includes('"tail"')) return line
      return seenIn(line, texts).reduce(
        (text, { from, count }) => withLeaves(text, from, texts.slice(0, count), blocks),
        line
      )
    })
  edit(files, seal, (line) => withLeaves(line, 0, texts, blocks))
  for (const place of places) {
    const spot = lines[place]
    if (spot !== undefined) edit(files, spot, (line) => redactedLine(line, paths))
  }
}
