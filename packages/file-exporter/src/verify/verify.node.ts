// Verifying a log's files on a disk: where they are, which of them are wanted, and how their bytes are read. What is made of
// them is verify-files.ts.

import { hash } from "node:crypto"
import { type OptionRules, optionRule } from "@daybook/core"
import { PackedFile } from "../disk/packed-file.node.ts"
import type { ReadLayer } from "../disk/read-layer.ts"
import { type Env, findLogDir } from "../place/audit-log-path.node.ts"
import { isCalendarDay } from "../place/day.ts"
import { isPackedName } from "../place/layout.node.ts"
import { type DayFile, listAllFiles } from "../place/list.node.ts"
import { anyText, anyValue, checkPlaceOptions, placeRules } from "../place/option-rules.node.ts"
import { withoutTwins } from "../place/twins.node.ts"
import { readVerifyingKey } from "../seal/key.node.ts"
import type { ByteSource } from "./lines.ts"
import type { VerifyReport } from "./report.ts"
import { type TrailDemand, verifyFiles } from "./verify-files.ts"

export interface VerifyOptions extends TrailDemand {
  readonly app: string
  /** Default: where `fileExporter()` writes, by `env`. */
  readonly dir?: string | undefined
  /** Default: the process's. */
  readonly env?: Env | undefined
  /** First and last day to look at, "YYYY-MM-DD". Default: all. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Only this user's files, where each user has their own. */
  readonly user?: string | undefined
  /** Public keys, PEM. They are a demand: a session whose seals are not all signed with one of them is `unsigned`. */
  readonly publicKey?: string | readonly string[] | undefined
}

const rules: OptionRules = {
  ...placeRules,
  from: anyValue,
  to: anyValue,
  user: anyText,
  publicKey: {
    mustBe: "a PEM text, or a list of them",
    isRight: (value) => typeof value === "string" || Array.isArray(value)
  },
  anchors: optionRule.list("a list of seals"),
  retentionDays: optionRule.numberFrom(0, "days", true),
  onProgress: optionRule.callable,
  signal: optionRule.object("an AbortSignal")
}

/** On any read layer: see src/readers.node.ts. */
export const verifyOn = async (layer: ReadLayer, options: VerifyOptions): Promise<VerifyReport> => {
  checkPlaceOptions("verify", options, rules)
  const { app, env, user, from, to, publicKey = [], anchors, retentionDays, onProgress, signal } = options
  for (const [name, day] of Object.entries({ from, to }))
    if (day !== undefined && !isCalendarDay(day))
      throw new TypeError(`verify: option "${name}" must be YYYY-MM-DD, got ${JSON.stringify(day)}`)
  const { dir } = findLogDir({ app, dir: options.dir, env })
  const keys = (typeof publicKey === "string" ? [publicKey] : publicKey).map(readVerifyingKey)
  const all = await listAllFiles(layer, { app, dir, user, withPacked: true })
  const isWanted = ({ day }: DayFile): boolean =>
    day === "unknown" || ((from === undefined || day >= from) && (to === undefined || day <= to))
  const wanted = all.filter(isWanted)
  const isPartial = user !== undefined || wanted.length < all.length
  const { files, twins } = await withoutTwins(layer, wanted)
  const report = await verifyFiles({
    files: files.map(({ file, path }) => ({ file, open: () => openBytes(layer, path) })),
    digest: (bytes) => hash("sha256", bytes),
    keys,
    ...{ anchors, retentionDays, onProgress, signal },
    without: { users: user !== undefined, older: isPartial && from !== undefined, others: isPartial }
  })
  const copies = twins.map(({ file }) => ({
    ...{ kind: "packed-copy" as const, file },
    text: "not looked at: the file that was packed is here as well"
  }))
  return { ...report, notes: [...report.notes, ...copies] }
}

const openBytes = async (layer: ReadLayer, path: string): Promise<ByteSource | undefined> => {
  const handle = await layer.open(path)
  if (handle === undefined) return undefined
  const open = isPackedName(path) ? new PackedFile(handle) : handle
  const close = (): Promise<void> => open.close()
  try {
    const { kind, size } = await open.facts()
    const read = (into: Uint8Array, position: number): Promise<number> => open.read(into, position)
    if (kind !== "file") return { size: 0, read, close }
    // How much was packed is known at its end; nothing is appended to it meanwhile.
    return open instanceof PackedFile
      ? { size: Number.POSITIVE_INFINITY, likelySize: await open.likelySize(), read, close }
      : { size, read, close }
  } catch (error) {
    await close()
    throw error
  }
}
