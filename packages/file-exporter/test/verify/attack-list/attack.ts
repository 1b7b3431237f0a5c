// What a row of the attack list is, and what its attacks have at hand.
import type { Layout } from "../../../src/place/layout.node.ts"
import type { NewSeal } from "../../../src/seal/key.node.ts"
import type { VerifyOptions } from "../../../src/verify/verify.node.ts"
import type { MemoryFiles } from "../../tools/sealed-files.ts"
import type { Trail } from "../../tools/trails.ts"

/** Rows of SECURITY.md: what somebody does who can write the files and has no key. */
export type Threat =
  | "changes, adds, removes or moves sealed lines"
  | "changes, removes or copies seals"
  | "seals anew without the key"
  | "cuts or removes what others have seen"
  | "changes lines behind a last seal that others have seen"
  | "renames or exchanges files"
  | "adds lines or sessions"
  | "deletes old days and makes it look like retention"
  | "hides changes behind a redaction"
  | "attacks the reader of the report"
  | UnclaimedThreat

/** Those that a key does not find. */
export type UnclaimedThreat =
  | "removes what nobody has seen"
  | "rolls back or replaces the whole folder"
  | "copies a signed session from another folder"
  | "adds lines to a session that was killed"
  | "changes the order between sessions"

/** What an attack works on, and with. */
export interface Scene extends Trail {
  /** A copy, to be changed. */
  readonly files: MemoryFiles
  /** Of its anchors, those of files that the log itself has not deleted. */
  readonly anchorsHere: readonly NewSeal[]
  /** An honest trail of the same app, days and key, in another folder. */
  readonly elsewhere: Trail
  /** A folder of the same app and key that has only one session, of the last day. */
  readonly lonely: MemoryFiles
  /** The same as `elsewhere`, of another app. */
  readonly otherApp: Trail
  /** An empty directory. */
  freshDir(): string
}

/**
 * What `verify` must say: the verdict, and behind it kinds of problems and notes that must be among the findings. Without a
 * key; with it; with the anchors of all files that the log has not deleted as well; and with those of deleted files too.
 */
export type Says = readonly [noKey: string, key: string, anchors: string, allAnchors: string]

export interface Attack {
  readonly name: string
  readonly threat: Threat
  /** Default: all. */
  readonly layouts?: readonly Layout[]
  /** Of days from which the log has not deleted anything yet. */
  readonly isYoung?: true
  readonly says: Says | Readonly<Record<Layout, Says>>
  /** Given to `verify` beside the rest. */
  readonly options?: Partial<VerifyOptions>
  /** May return, or resolve with, files that take the place of the scene's. */
  do(scene: Scene): unknown
}

const unclaimed: Readonly<Record<UnclaimedThreat, true>> = {
  "removes what nobody has seen": true,
  "rolls back or replaces the whole folder": true,
  "copies a signed session from another folder": true,
  "adds lines to a session that was killed": true,
  "changes the order between sessions": true
}

/** True when a key does not find it. */
export const isUnclaimed = (threat: Threat): threat is UnclaimedThreat => threat in unclaimed

/** The verdicts that are right, of what a row says: as a rule one, or several with "|" between them. */
export const verdictsIn = (says: string): readonly string[] => (says.split(" ")[0] ?? "").split("|")

/** What a row says of a layout. */
export const saysOf = ({ says }: Attack, layout: Layout): Says => ("daily" in says ? says[layout] : says)

/** The same of all layouts. */
export const allSays = ({ says }: Attack): readonly Says[] => ("daily" in says ? Object.values(says) : [says])

/** The same, whatever is given. */
export const always = (says: string): Says => [says, says, says, says]
