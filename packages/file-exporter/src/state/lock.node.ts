// Which process works for a delivery, so that two do not send the same lines. It only saves work: a place is always right, and
// two that send at once repeat lines and lose none.

//   no lock, or a dead owner's ──▶ ours ──each beat: still our token?──▶ ours
//                                    └── another's ──▶ standby, looks again
//   an owner is dead when its process is gone (same machine, same pid namespace), or its beat has stood still for 30 s

import { randomUUID } from "node:crypto"
import { hostname } from "node:os"
import { join } from "node:path"
import { codeOf } from "../disk/errno.ts"
import { type DiskWork, step } from "../disk/work.ts"
import { deliveryLimits } from "../limits.ts"
import { ownProcess, type ProcessFacts, processState } from "./process.node.ts"
import { readSmallFile, removeIfThere, replaceFile } from "./replace-file.node.ts"

interface Owner extends ProcessFacts {
  readonly token: string
  readonly host: string
  readonly beat: number
}

/** The lock of one delivery, as one process sees it. */
export class Lock {
  readonly token: string = randomUUID()
  private readonly path: string
  private beats = 0
  private self: ProcessFacts | undefined
  /** What was seen of another's lock, and since when it has not changed. */
  private seen: { readonly text: string; readonly sinceMs: number } | undefined
  isHeld = false
  /** Its directory was removed while it was held. */
  isRemoved = false

  constructor(dir: string) {
    this.path = join(dir, "lock.json")
  }

  /** Takes the lock where it is free. `nowMs` is monotonic. Throws where the directory cannot be written to. */
  *take(nowMs: number): DiskWork<boolean> {
    this.self ??= yield* ownProcess()
    // What was ours may have been taken over since.
    this.isHeld = false
    this.isRemoved = false
    const found = yield* this.read()
    if (found === undefined) this.isHeld = yield* this.create()
    else if (found.owner?.token === this.token) this.isHeld = true
    else if (yield* this.isDead(found.text, found.owner, nowMs)) {
      yield* this.takeOver()
      this.isHeld = (yield* this.read())?.owner?.token === this.token
    }
    if (this.isHeld) this.seen = undefined
    return this.isHeld
  }

  /** Shows that the owner lives. It is not ours any more when it is another's, or its directory is gone. */
  *beat(): DiskWork<void> {
    const found = yield* this.read()
    if (found?.owner?.token === this.token) yield* this.write()
    else if (found !== undefined) this.isHeld = false
    else yield* this.makeAgain()
  }

  // A lock that was removed belongs to no process.
  private *makeAgain(): DiskWork<void> {
    try {
      this.isHeld = yield* this.create()
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error
      this.isHeld = false
      this.isRemoved = true
    }
  }

  *release(): DiskWork<void> {
    if (!this.isHeld) return
    this.isHeld = false
    if ((yield* this.read())?.owner?.token === this.token) yield* removeIfThere(this.path)
  }

  // A beat is compared with itself, on our own monotonic clock: two machines need not agree what time it is.
  private *isDead(text: string, owner: Owner | undefined, nowMs: number): DiskWork<boolean> {
    const { self } = this
    if (owner !== undefined && self !== undefined && owner.host === hostname()) {
      // Of a process that lives, the delivery may be gone: a worker was ended, or a module loaded anew. Then it does not beat.
      if ((yield* processState(owner, self)) === "gone") return true
    }
    if (this.seen?.text !== text) this.seen = { text, sinceMs: nowMs }
    return nowMs - this.seen.sinceMs >= deliveryLimits.lockStaleMs
  }

  private *create(): DiskWork<boolean> {
    try {
      const fd = yield* step((disk) => disk.openNew(this.path))
      try {
        yield* step((disk) => disk.append(fd, new TextEncoder().encode(this.text())))
        // A lock that a power cut has emptied would name nobody, and be respected for 30 s. So would one on a full disk.
        yield* step((disk) => disk.sync(fd))
      } catch (error) {
        yield* removeIfThere(this.path)
        throw error
      } finally {
        yield* step((disk) => disk.close(fd))
      }
      return true
    } catch (error) {
      if (codeOf(error) === "EEXIST") return false
      throw error
    }
  }

  private *takeOver(): DiskWork<void> {
    try {
      yield* this.write()
    } catch (error) {
      // Another one was faster, and has removed what we had begun to write.
      if (codeOf(error) !== "ENOENT") throw error
    }
  }

  private *write(): DiskWork<void> {
    yield* replaceFile(this.path, `lock-${this.token}.tmp`, this.text())
  }

  private text(): string {
    this.beats += 1
    const owner = { v: 1, token: this.token, host: hostname(), ...this.self, beat: this.beats }
    return `${JSON.stringify(owner)}\n`
  }

  private *read(): DiskWork<{ readonly text: string; readonly owner: Owner | undefined } | undefined> {
    try {
      const text = yield* readSmallFile(this.path, deliveryLimits.lockBytesMax)
      return { text, owner: parse(text) }
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined
      throw error
    }
  }
}

/** A lock's owner, as another process sees it. */
export interface LockOwner {
  readonly pid: number
  readonly host: string
  /** "unknown" on another machine, or in another container. */
  readonly is: "lives" | "gone" | "unknown"
}

/** Who has the lock in this directory. Takes nothing, and never throws. */
export function* lockOwner(dir: string): DiskWork<LockOwner | undefined> {
  try {
    const owner = parse(yield* readSmallFile(join(dir, "lock.json"), deliveryLimits.lockBytesMax))
    if (owner === undefined) return undefined
    const { pid, host } = owner
    return {
      pid,
      host,
      is: host === hostname() ? yield* processState(owner, yield* ownProcess()) : "unknown"
    }
  } catch {
    return undefined
  }
}

const parse = (text: string): Owner | undefined => {
  try {
    const owner = JSON.parse(text)
    return typeof owner?.token === "string" && typeof owner.pid === "number" ? owner : undefined
  } catch {
    return undefined
  }
}
