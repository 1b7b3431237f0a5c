// A disk that can lose power: a file system in an image file, mounted through a loop device. What the image holds is what
// the disk has got; what only the system's memory has is not in it. A copy of the image is the disk after the cut, and
// mounting the copy replays its journal, as a machine does that starts again.

import { spawnSync } from "node:child_process"
import { readFileSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import { freshDir } from "../test/tools/file-bench.ts"

export type FileSystem = "ext4" | "xfs"

/** xfs makes none below 300 MB; both are sparse. */
const imageBytes: Readonly<Record<FileSystem, number>> = { ext4: 64e6, xfs: 320e6 }

/** Nothing is left to be initialised in the background: an image that nobody writes to stays as it is. */
const makers: Readonly<Record<FileSystem, readonly string[]>> = {
  ext4: ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"],
  xfs: ["mkfs.xfs", "-q", "-f"]
}

const run = ([command = "", ...args]: readonly string[]): void => {
  const { status, stderr } = spawnSync(command, args, { encoding: "utf8" })
  if (status !== 0) throw new Error(`${command} ${args.join(" ")}: ${stderr}`)
}

/** A new, empty disk. Returns the image's path. */
export const makeImage = (fileSystem: FileSystem = "ext4"): string => {
  const image = join(freshDir(), "disk")
  writeFileSync(image, "")
  truncateSync(image, imageBytes[fileSystem])
  run([...makers[fileSystem], image])
  return image
}

/** The system writes back what it has, as it does now and then by itself: everything before is on the disk. */
export const writeBack = ({ dir }: Disk): void => run(["sync", "-f", dir])

export interface Disk {
  readonly image: string
  /** Where it is mounted. */
  readonly dir: string
  /** Nobody may use it any more. Also done when the test is over. */
  unmount(): void
}

/** Mounts an image. The loop device goes with the mount. */
export const mountImage = (image: string, options = "defaults"): Disk => {
  const dir = freshDir()
  run(["mount", "-o", `loop,${options}`, image, dir])
  let isMounted = true
  const unmount = (): void => {
    if (isMounted) run(["umount", "-l", dir])
    isMounted = false
  }
  onTestFinished(unmount)
  return { image, dir, unmount }
}

/**
 * The power goes: returns a new image with what the disk had got. Copying takes time, and a machine's end does not: two
 * copies must be the same.
 */
export const cutPower = ({ image }: Disk): string => {
  const copies = [join(freshDir(), "disk"), join(freshDir(), "disk")] as const
  const copy = (to: string): void => run(["cp", "--sparse=always", image, to])
  copy(copies[0])
  for (let tries = 1; tries <= 100; tries++) {
    copy(copies[tries % 2 === 0 ? 0 : 1])
    if (spawnSync("cmp", ["-s", ...copies]).status === 0) return copies[0]
  }
  throw new Error("the disk never rests")
}

/** Waits until a process that was stopped stands still, in all its threads that are not inside the system. */
export const untilStopped = async (pid: number): Promise<void> => {
  const state = (): string => readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.[0] ?? ""
  while (!/[Tt]/.test(state())) await new Promise((resolve) => setImmediate(resolve))
}
