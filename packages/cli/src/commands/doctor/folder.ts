// The folder, its rights, and the disk below it: room, inodes, and whether it is on another machine.
// Looks only: to try whether a file can be made would make one.
import { constants, type Stats } from "node:fs"
import { access, lstat, statfs } from "node:fs/promises"
import { dirname } from "node:path"
import { type About, bytesText, type Check, fine, note, problem } from "./check.ts"

/** Below this, a log soon has to drop events. */
const freeShareMin = 0.05
const freeBytesMin = 200 * 1_000_000
const inodeShareMin = 0.05

/** File systems of other machines: an append of one does not see the other's. */
const networkTypes: Readonly<Record<number, string>> = {
  26985: "NFS",
  4283649346: "CIFS",
  4266872130: "SMB 2"
}

export const folderChecks = async ({ dir }: About): Promise<readonly Check[]> => {
  let facts: Stats
  try {
    facts = await lstat(dir)
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string }
    if (code !== "ENOENT")
      return [problem("folder", message, "Give the user who runs the application access to it")]
    return [
      note("folder", `${dir} is not there: no log has written yet`),
      ...(await parentChecks(dir)),
      ...(await diskChecks(dir))
    ]
  }
  if (facts.isSymbolicLink())
    return [problem("folder", `${dir} is a link`, "Give the log the folder itself: links are not followed")]
  if (!facts.isDirectory())
    return [problem("folder", `${dir} is a file, where a folder should be`, "Move the file away")]
  return [...ownerChecks(dir, facts), ...(await rightChecks(dir)), ...(await diskChecks(dir))]
}

const ownUser = (): number | undefined => process.getuid?.()

const ownerChecks = (dir: string, { uid, mode }: Stats): readonly Check[] => {
  const own = ownUser()
  if (own === undefined) return []
  const others = mode & 0o077
  const whose = uid === own ? "yours" : `of the user ${uid}`
  if ((others & 0o022) !== 0)
    return [
      problem(
        "folder",
        `everyone on this machine, or a group, may write into it (${whose}, mode ${modeText(mode)})`,
        `chmod 700 ${JSON.stringify(dir)}`
      )
    ]
  if (others !== 0)
    return [note("folder", `others on this machine may look into it (${whose}, mode ${modeText(mode)})`)]
  return [fine("folder", `only its owner may look into it (${whose})`)]
}

const modeText = (mode: number): string => (mode & 0o777).toString(8)

const rightChecks = async (dir: string): Promise<readonly Check[]> => {
  try {
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
    return [fine("rights", "the user who asks may read and write it")]
  } catch {
    return [
      problem(
        "rights",
        "the user who asks may not write into it",
        "Ask as the user who runs the application, or give that user the folder"
      )
    ]
  }
}

const parentChecks = async (dir: string): Promise<readonly Check[]> => {
  const there = await nearestThere(dir)
  try {
    await access(there, constants.W_OK | constants.X_OK)
    return [fine("rights", `it can be made below ${there}`)]
  } catch {
    return [
      problem(
        "rights",
        `it cannot be made: ${there} may not be written to`,
        "Ask as the user who runs the application, or make the folder for that user"
      )
    ]
  }
}

const nearestThere = async (dir: string): Promise<string> => {
  for (let at = dir; ; at = dirname(at)) {
    try {
      await lstat(at)
      return at
    } catch {
      if (dirname(at) === at) return at
    }
  }
}

const diskChecks = async (dir: string): Promise<readonly Check[]> => {
  const checks: Check[] = []
  try {
    const { type, bsize, blocks, bavail, files, ffree } = await statfs(await nearestThere(dir))
    const free = bavail * bsize
    const share = blocks === 0 ? 1 : bavail / blocks
    const says = `${bytesText(free)} are free, ${Math.round(100 * share)} % of the disk`
    checks.push(
      share < freeShareMin || free < freeBytesMin
        ? problem(
            "space",
            says,
            "Make room: when the disk is full, events wait in memory, and the oldest are dropped"
          )
        : fine("space", says)
    )
    // Some file systems make them as they are needed, and have no number.
    if (files > 0 && ffree / files < inodeShareMin)
      checks.push(
        problem(
          "inodes",
          `${ffree} of ${files} inodes are free: soon no file can be made`,
          "Delete files, small ones first"
        )
      )
    else
      checks.push(
        fine(
          "inodes",
          files > 0 ? `${Math.round((100 * ffree) / files)} % are free` : "made as they are needed"
        )
      )
    const network = networkTypes[type]
    if (network !== undefined)
      checks.push(
        problem(
          "disk",
          `it is on another machine (${network}): lines of several machines may mix there`,
          "Write to a local disk, one folder for each machine"
        )
      )
  } catch (error) {
    checks.push(
      note("space", `cannot be asked for: ${error instanceof Error ? error.message : String(error)}`)
    )
  }
  return checks
}
