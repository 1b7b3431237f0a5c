// What the tests of power cuts share: a writer on a disk of its own, the cut under it, and what must hold of a disk that
// comes back: it is how the files began, and the log goes on there. What was promised, the tests say.

import { readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, onTestFinished } from "vitest"
import { answerOf, type RunningChild, runChild, startChild } from "../test/tools/child-process.ts"
import { type DirContents, filesBelow } from "../test/tools/file-bench.ts"
import { cutPower, type Disk, mountImage, untilStopped } from "./loop-disk.ts"
import { children } from "./traced-child.ts"
import { expectReadable } from "./whole-days.ts"

/** What a power cut needs. */
export const tools = ["mount", "losetup", "mkfs.ext4"]
/** The log directory there, which no one has made yet. */
export const logsOf = ({ dir }: Disk): string => join(dir, "logs")

/** A child that writes until it is killed. */
export interface Writer extends RunningChild {
  readonly kill: () => void
}

/** A child that commits there under this kind of sync. */
export const startWriter = (disk: Disk, sync: string): Writer => {
  const args = [logsOf(disk), "10", "300", JSON.stringify({ sync })]
  const child = startChild("commits-for-ever", args, { folder: children })
  const kill = (): void => void child.process.kill("SIGKILL")
  onTestFinished(kill)
  return { ...child, kill }
}

/** The bytes of the log's files as the system has them, by name. */
const bytesIn = (dir: string): ReadonlyMap<string, Buffer> =>
  new Map(filesBelow(dir).map((name) => [name, readFileSync(join(dir, name))]))

export interface Cut {
  /** What the disk has got, mounted. */
  readonly after: Disk
  /** What the child had printed. */
  readonly stdout: string
  /** What the system had of the files. */
  readonly before: ReadonlyMap<string, Buffer>
}

/** Stops the child, cuts the power, and mounts what is left. */
export const cutUnder = async (child: Writer, disk: Disk, options?: string): Promise<Cut> => {
  child.process.kill("SIGSTOP")
  await untilStopped(child.process.pid ?? 0)
  const image = cutPower(disk)
  const before = bytesIn(logsOf(disk))
  child.kill()
  const { stdout } = await child.ended
  disk.unmount()
  return { after: mountImage(image, options), stdout, before }
}

/** Another session writes there, and all is well behind whatever the cut has left. */
export const writeOn = async (disk: Disk): Promise<DirContents> => {
  const ended = await runChild("writes-thousands", [logsOf(disk), "10"])
  expect(answerOf(ended)).toMatchObject({ complete: true, written: 10 })
  return expectReadable(logsOf(disk))
}

/** What is there is how the file began; what the cut took is its end, which may read as NUL. Returns the bytes kept. */
export const expectTailLost = ({ after, before }: Cut): number => {
  let keptBytes = 0
  for (const [name, bytes] of bytesIn(logsOf(after))) {
    let end = bytes.length
    while (bytes[end - 1] === 0) end -= 1
    const isBeginning = before.get(name)?.subarray(0, end).equals(bytes.subarray(0, end))
    expect(isBeginning, `${name}: is how it began`).toBe(true)
    keptBytes += end
  }
  return keptBytes
}

/** Bytes of all files as the system has them. */
export const sizeOf = (dir: string): number =>
  [...bytesIn(dir).values()].reduce((sum, { length }) => sum + length, 0)
