// What one log knows of a file that it appends to: three things that change independently of each other, each with its
// states drawn. Only the methods here change a state. When to write what is decided in line-appender.node.ts.

//   the end: what stands behind our last line, up to the size that we know
//
//     unsure ──issue──▶ issued ──all of it arrived, as the system says──▶ whole      nothing: no need to look
//        ▲                 ├─────all of it but the last newline──────────▶ unended    the next write brings it
//        └─────────────────┴─────less, or it was found by looking                     perhaps a fragment: look
//                                (whole and unended are issued to again)
//
//   the disk: what a power cut could still take
//
//     synced ──lines arrived──▶ unsynced ──sync──▶ syncing ──done──▶ synced
//        ▲                         ▲ │               │  failed: the system may call the lost pages clean
//        └──────cannot be opened───┼─┘               ▼
//                                  └─bytes arrived── doubtful: the next write begins with a newline
//     After the bytes comes the file's name (naming). When that fails, it is unsynced again, and nothing is doubtful.
//
//   company   alone ──the file has grown without us──▶ shared: a write may begin behind another process's fragment
//
// A file that another one replaced begins anew in all three. A line that it still owes is owed to the new one.
import type { Identity } from "./file-identity.ts"
import type { Arrived, Planned } from "./planned.ts"

type End =
  | { readonly is: "unsure" | "whole" | "unended" }
  | { readonly is: "issued"; readonly planned: Planned; readonly wasUnended: boolean }

export class KnownFile {
  readonly path: string
  /** Its path below the log directory. */
  readonly name: string
  /** The day in its name, or "unknown". */
  readonly day: string
  private currentIdentity: Identity
  private end: End = { is: "unsure" }
  private sizeKnown = 0
  private disk: "synced" | "unsynced" | "syncing" | "naming" | "doubtful" = "synced"
  private company: "alone" | "shared" = "alone"
  private owed: Uint8Array | undefined
  private hasSyncedName = false
  /** What others may do with it, and who owns it, was looked into: only another answer is news. */
  private judgedMode: number | undefined
  private judgedUid: number | undefined

  constructor(path: string, name: string, identity: Identity) {
    this.path = path
    this.name = name
    this.day = dayOf(path)
    this.currentIdentity = identity
  }

  /** Which file it is, whatever its path, as it was seen last. */
  get identity(): Identity {
    return this.currentIdentity
  }

  /** Its size behind our last write; it may have grown since by others, and never shrinks by honest hands. */
  get size(): number {
    return this.sizeKnown
  }

  /** A write of ours of which it is not known how much arrived. */
  get planned(): Planned | undefined {
    return this.end.is === "issued" ? this.end.planned : undefined
  }

  /** Our last write arrived whole, so that up to `size` no fragment stands there. */
  get isWhole(): boolean {
    return this.end.is === "whole"
  }

  /** Our last line lacks only its newline, which the next write brings. */
  get isUnended(): boolean {
    return this.end.is === "issued" ? this.end.wasUnended : this.end.is === "unended"
  }

  /** Holds lines that a power cut could still take. */
  get isUnsynced(): boolean {
    return this.disk === "unsynced" || this.disk === "syncing" || this.disk === "naming"
  }

  /** What stands at its end may read as NUL after a power cut. */
  get isDoubtful(): boolean {
    return this.disk === "syncing" || this.disk === "doubtful"
  }

  get isShared(): boolean {
    return this.company === "shared"
  }

  /** A line of ours that was appended to a fragment of another process: it is to be written again. */
  get owedLine(): Uint8Array | undefined {
    return this.owed
  }

  /** Its name in the directory survives a power cut. */
  get isNameSynced(): boolean {
    return this.hasSyncedName
  }

  /** A write is handed to the system. */
  issue(planned: Planned): void {
    this.end = { is: "issued", planned, wasUnended: this.isUnended }
  }

  /**
   * What of the issued write is in the file, which has this size then. `written` is what the system says that it took;
   * absent where we had to look, for then lines of others may stand there too.
   */
  arrive(arrived: Arrived, size: number, written: number | undefined, isSyncing: boolean): void {
    const { planned } = this
    const { lines, standing } = arrived
    const isWhole = written !== undefined && lines === planned?.append.ends.length
    this.end = { is: standing > lines ? "unended" : isWhole ? "whole" : "unsure" }
    this.sizeKnown = size
    if (standing === 0 && (written ?? 0) === 0) return
    this.disk = this.isUnsynced || (isSyncing && standing > 0) ? "unsynced" : "synced"
  }

  /** The disk is asked to keep what was written. */
  beginSync(): void {
    this.disk = "syncing"
  }

  /** The bytes survive a power cut; their file's name may not. */
  bytesSynced(): void {
    this.disk = "naming"
  }

  get areBytesSynced(): boolean {
    return this.disk === "naming"
  }

  nameSynced(): void {
    this.hasSyncedName = true
  }

  synced(): void {
    this.disk = "synced"
  }

  /** Asking again would be answered with a lie: what is to survive is written again, or given up. A name is asked for again. */
  syncFailed(): void {
    if (this.disk === "naming") this.disk = "unsynced"
    else this.disk = this.isDoubtful ? "doubtful" : "synced"
  }

  /** Another process appends to it too. */
  share(): void {
    this.company = "shared"
  }

  owe(line: Uint8Array): void {
    this.owed = line
  }

  settleOwed(): void {
    this.owed = undefined
  }

  /** Looked at again, and it is still the same file. */
  seenAgain(identity: Identity): void {
    this.currentIdentity = identity
  }

  /** True when the file has a mode that was put up with before, because it cannot be changed. */
  isModeJudged(mode: number): boolean {
    return this.judgedMode === mode
  }

  judgeMode(mode: number | undefined): void {
    this.judgedMode = mode
  }

  /** True when this file was found to be ours although its owner is shown as this user. */
  isOwnerJudged({ identity, uid }: { readonly identity: string; readonly uid: number }): boolean {
    return this.judgedUid === uid && this.currentIdentity.identity === identity
  }

  judgeOwner(uid: number): void {
    this.judgedUid = uid
  }

  /** The path has another file now, or this one was cut short: nothing that was known of it holds. */
  replacedBy(identity: Identity): void {
    this.currentIdentity = identity
    this.end = { is: "unsure" }
    this.sizeKnown = 0
    this.disk = "synced"
    this.company = "alone"
    this.hasSyncedName = false
    this.judgedMode = undefined
    this.judgedUid = undefined
  }
}

/** The day in a file's name; "unknown" is one too. It stands at the end: an application may be called like a day. */
export const dayOf = (path: string): string =>
  /(\d{4}-\d\d-\d\d|unknown)(-[0-9a-f]{8})?\.jsonl$/.exec(path)?.[1] ?? ""
