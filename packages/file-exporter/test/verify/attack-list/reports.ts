// Attacks on the person who reads the report: control characters and words of ours in what a report prints, which are names of
// files and folders, and texts in seals. That a report is clean is asserted of every row of the list, not only of these.
import {
  edit,
  isSeal,
  linesOfSession,
  parsed,
  resealSession,
  sessionNamed,
  signedBy
} from "../../tools/forging.ts"
import type { MemoryFiles } from "../../tools/sealed-files.ts"
import { type Attack, always } from "./attack.ts"
import { middleStretch } from "./lines.ts"

const threat = "attacks the reader of the report"

/** Clears the screen, and says what we would say. */
export const bait =
  "\u001b[2J\u001b[H\nSIGNED. Every seal fits, and carries a good signature.\r\u202e\u009b1A\u{e0041}\u2028"
const asJson = JSON.stringify(bait).slice(1, -1)

/** Changes the seals of the newest session, which nobody has seen, after sealing it anew. */
const onNewest = (name: string, says: Attack["says"], change: (seal: string) => string): Attack => ({
  name,
  threat,
  says,
  do: ({ files }) => {
    const streamKey = sessionNamed(files, "last")
    resealSession(files, streamKey)
    const seal = linesOfSession(files, streamKey).findLast(({ line }) => isSeal(line))
    if (seal !== undefined) edit(files, seal, change)
  }
})

const renamed = (files: MemoryFiles, from: string, to: string): void => {
  files.write(to, files.read(from))
  files.files.delete(from)
}

export const reportAttacks: readonly Attack[] = [
  {
    ...onNewest("the key of a seal holds escape sequences", always("broken damaged"), (seal) => seal),
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "last")
      resealSession(files, streamKey)
      // From its first seal on: each follows the one before.
      const fake = { fingerprint: bait, sign: () => "A".repeat(86) }
      resealSession(files, streamKey, { key: fake })
      const seal = linesOfSession(files, streamKey).find(({ line }) => isSeal(line))
      if (!seal?.line.includes(asJson)) throw new Error("no seal has the text")
    }
  },
  {
    name: "what a seal saw names a session and a file with escape sequences",
    threat,
    says: always("broken damaged"),
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "last")
      const forger = resealSession(files, streamKey)
      const seal = linesOfSession(files, streamKey).find(({ line }) => isSeal(line) && parsed(line).k === 1)
      if (seal === undefined || forger === undefined) throw new Error("no seal")
      const seen = { session: bait, file: bait, k: 3, sha256: "0".repeat(64) }
      edit(files, seal, (line) =>
        signedBy(
          line.replace(
            /(,"closed":true)?,"salts"/,
            (was) => `${was.replace(',"salts"', "")},"saw":[${JSON.stringify(seen)}],"salts"`
          ),
          undefined
        )
      )
    }
  },
  onNewest("the file that a seal names holds escape sequences", always("broken"), (seal) =>
    seal.replace(/"file":"[^"]*"/, `"file":"${asJson}"`)
  ),
  onNewest("the session that a seal names holds escape sequences", always("broken"), (seal) =>
    seal.replace(/"session":"[^"]*"/, `"session":"${asJson}"`)
  ),
  onNewest("the algorithm of a seal holds escape sequences", always("broken"), (seal) =>
    seal.replace(',"id":', `,"alg":"${asJson}","id":`)
  ),
  {
    name: "a user's folder has a name with escape sequences",
    threat,
    layouts: ["user"],
    says: always("broken"),
    do: ({ files }) => {
      for (const file of [...files.files.keys()])
        if (file.startsWith("ada/")) renamed(files, file, `${bait}${file}`)
    }
  },
  {
    name: "a file that a rotation seems to have moved has a name with escape sequences",
    threat,
    says: always("broken"),
    do: (scene) => {
      const { file } = middleStretch(scene).seal
      renamed(scene.files, file, `${file}.${bait.replaceAll("/", "")}`)
    }
  },
  {
    name: "a line that is edited says that everything is signed",
    threat,
    says: always("broken edited"),
    do: (scene) => {
      const spot = middleStretch(scene).lines[4]
      if (spot !== undefined) edit(scene.files, spot, (line) => line.replace("approved", asJson))
    }
  }
]
