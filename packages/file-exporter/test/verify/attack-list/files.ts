// Attacks on whole files, sessions and folders: cut, taken away, renamed, rolled back, planted. What others have seen is held by
// their seals; what nobody has seen only by an anchor, and the rows that no means finds say so.

import {
  dropFiles,
  dropSessions,
  edit,
  goOn,
  inOrder,
  isSeal,
  linesOfSession,
  sessionNamed,
  splice,
  tailOf
} from "../../tools/forging.ts"
import type { MemoryFiles } from "../../tools/sealed-files.ts"
import { dayOf, runIn } from "../../tools/trails.ts"
import { type Attack, always, type Scene } from "./attack.ts"
import { middleStretch } from "./lines.ts"
import { strangersKey } from "./seals.ts"

const seen = "cuts or removes what others have seen"
const unseen = "removes what nobody has seen"
const folder = "rolls back or replaces the whole folder"
const adds = "adds lines or sessions"
const copies = "copies a signed session from another folder"
const open = "changes lines behind a last seal that others have seen"
const exchanges = "renames or exchanges files"
const goesOn = "adds lines to a session that was killed"

const middleDay = ({ days }: Pick<Scene, "days">): string => days[Math.floor(days.length / 2)] ?? ""
const lastDay = ({ days }: Pick<Scene, "days">): string => days.at(-1) ?? ""

/** Files of a day that hold lines of the long session. */
const filesOfDay = (scene: Scene, day: string): readonly string[] => [
  ...new Set(
    linesOfSession(scene.files, sessionNamed(scene.files, "long"))
      .map(({ file }) => file)
      .filter((file) => dayOf(file) === day)
  )
]

/** The middle day's daily session, closed and seen by others. */
const dailyOf = ({ days }: Pick<Scene, "days">): string => `daily ${days.length > 3 ? 6 : 2}`

const addBehind = ({ files }: Scene, name: string, count: number): void => {
  const spots = linesOfSession(files, sessionNamed(files, name))
  const { file = "" } = spots.at(-1) ?? {}
  const [like] = spots.filter(({ line }) => !isSeal(line)).slice(-1)
  let text = ""
  for (let number = 1; number <= count; number++)
    text += (like?.line ?? "")
      .replace(/"seq":\d+/, (was) => `"seq":${Number(was.slice(6)) + number}`)
      .replace(/-7(...)-/, `-7ff${number}-`)
  files.append(file, new TextEncoder().encode(text))
}

const moved = (files: MemoryFiles, from: string, to: string): void => {
  files.write(to, files.read(from))
  files.files.delete(from)
}

/** Copies a session of another folder: its lines go behind those of files with the same names, or into new ones. */
export const copySession = (from: MemoryFiles, to: MemoryFiles, name: string): string => {
  const streamKey = sessionNamed(from, name)
  for (const { file, line } of linesOfSession(from, streamKey))
    to.append(file, new TextEncoder().encode(line))
  return streamKey
}

export const fileAttacks: readonly Attack[] = [
  {
    name: "a file is cut below a seal",
    threat: seen,
    says: always("broken"),
    do: (scene) => {
      const { seal } = middleStretch(scene)
      scene.files.write(seal.file, scene.files.lines(seal.file).slice(0, seal.index).join(""))
    }
  },
  {
    name: "a file is cut at a seal",
    threat: seen,
    says: always("broken"),
    do: (scene) => {
      const { seal } = middleStretch(scene)
      scene.files.write(
        seal.file,
        scene.files
          .lines(seal.file)
          .slice(0, seal.index + 1)
          .join("")
      )
    }
  },
  {
    name: "a file is emptied",
    threat: seen,
    says: always("broken"),
    do: (scene) => scene.files.write(middleStretch(scene).seal.file, "")
  },
  {
    name: "a day in the middle is removed",
    threat: seen,
    says: always("broken missing-day"),
    do: (scene) => dropFiles(scene.files, (file) => dayOf(file) === middleDay(scene))
  },
  {
    name: "all files but those of the first and the last day are removed",
    threat: seen,
    says: always("broken"),
    do: (scene) => {
      const { days } = scene
      dropFiles(scene.files, (file) => ![days[0], days.at(-1)].includes(dayOf(file)))
    }
  },
  {
    name: "one of the files of a day is removed",
    threat: seen,
    layouts: ["session", "user"],
    says: always("broken"),
    do: (scene) => {
      const [file] = filesOfDay(scene, middleDay(scene))
      dropFiles(scene.files, (name) => name === file)
    }
  },
  {
    name: "a whole session is removed that others have seen",
    threat: seen,
    says: always("broken"),
    do: (scene) => {
      const streamKey = sessionNamed(scene.files, dailyOf(scene))
      dropSessions(scene.files, (key) => key === streamKey)
    }
  },
  {
    name: "a session is removed that was killed before its first seal",
    threat: seen,
    says: always("broken"),
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "hasty")
      dropSessions(files, (key) => key === streamKey)
    }
  },
  {
    name: "a line is changed of a session that was killed before its first seal",
    threat: open,
    says: always("broken"),
    do: ({ files }) => {
      const spot = tailOf(files, sessionNamed(files, "hasty")).at(-1)
      if (spot !== undefined) edit(files, spot, (line) => line.replace("approved", "rejected"))
    }
  },
  {
    name: "a line is removed of a session that was killed before its first seal",
    threat: open,
    says: always("broken"),
    do: ({ files }) => {
      const spot = tailOf(files, sessionNamed(files, "hasty")).at(-1)
      if (spot !== undefined) splice(files, spot, 1)
    }
  },
  {
    name: "a line is changed behind the last seal of a session that was killed, and others have seen it",
    threat: open,
    says: always("broken edited"),
    do: ({ files }) => {
      const spot = tailOf(files, sessionNamed(files, "killed")).at(-2)
      if (spot !== undefined) edit(files, spot, (line) => line.replace("approved", "rejected"))
    }
  },
  {
    name: "the lines behind the last seal of a session that was killed are removed, and others have seen them",
    threat: open,
    says: always("broken truncated"),
    do: ({ files }) => {
      for (const spot of tailOf(files, sessionNamed(files, "killed")).toReversed()) splice(files, spot, 1)
    }
  },
  {
    name: "the newest day is removed, with the mark of what the log deleted on it",
    threat: seen,
    says: ["incomplete", "incomplete", "broken", "broken"],
    do: (scene) => {
      dropFiles(scene.files, (file) => dayOf(file) === lastDay(scene))
    }
  },
  {
    name: "the newest day is removed, on which the log deleted nothing",
    threat: unseen,
    isYoung: true,
    says: ["intact", "signed", "broken", "broken"],
    do: (scene) => {
      dropFiles(scene.files, (file) => dayOf(file) === lastDay(scene))
    }
  },
  {
    name: "the newest session is removed",
    threat: unseen,
    says: ["intact", "signed", "broken", "broken"],
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "last")
      dropSessions(files, (key) => key === streamKey)
    }
  },
  {
    name: "the newest session is cut at one of its seals",
    threat: unseen,
    says: ["intact", "signed", "broken truncated", "broken truncated"],
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "last")
      // In files of users the seals of one moment are in several files: those of the first moment are left.
      const spots = linesOfSession(files, streamKey)
      const first = spots.filter(({ line }) => isSeal(line)).map(({ line }) => JSON.parse(line))
      const [{ ts = "" } = {}] = first.sort((one, other) => one.k - other.k)
      for (const spot of spots.toReversed()) if ((JSON.parse(spot.line).ts ?? "") > ts) splice(files, spot, 1)
    }
  },
  {
    name: "the folder is rolled back to the day before",
    threat: folder,
    says: ["intact", "signed", "broken", "broken"],
    do: ({ dayBefore }) => dayBefore.copy()
  },
  {
    name: "the folder is replaced by another one of the same app and key",
    threat: folder,
    says: ["intact", "signed", "broken", "broken"],
    do: ({ elsewhere }) => elsewhere.files.copy()
  },
  {
    name: "the folder is replaced by that of another app with the same key, its files renamed",
    threat: exchanges,
    layouts: ["daily", "session"],
    says: always("broken moved"),
    do: ({ otherApp }) => {
      const files = otherApp.files.copy()
      for (const file of [...files.files.keys()]) moved(files, file, file.replace("othertools", "datatools"))
      return files
    }
  },
  {
    name: "a file is renamed to another day",
    threat: exchanges,
    says: always("broken moved"),
    do: (scene) => {
      const day = lastDay(scene)
      for (const file of filesOfDay(scene, day)) moved(scene.files, file, file.replace(day, "2026-04-01"))
    }
  },
  {
    name: "a file is there under the name of another day too",
    threat: exchanges,
    says: always("broken moved"),
    do: (scene) => {
      const [file = ""] = filesOfDay(scene, middleDay(scene))
      scene.files.write(file.replace(middleDay(scene), "2026-04-01"), scene.files.read(file))
    }
  },
  {
    name: "two users' files change places",
    threat: exchanges,
    layouts: ["user"],
    says: always("broken moved"),
    do: (scene) => {
      const [ada, bob] = ["ada", "bob"].map((user) => `${user}/tool_audit/${middleDay(scene)}.jsonl`)
      const { files } = scene
      const was = files.read(ada ?? "")
      files.write(ada ?? "", files.read(bob ?? ""))
      files.write(bob ?? "", was)
    }
  },
  {
    name: "a user's folder is removed",
    threat: seen,
    layouts: ["user"],
    says: always("broken"),
    do: ({ files }) => dropFiles(files, (file) => file.startsWith("ada/"))
  },
  {
    name: "a changed copy of a file stands beside it, as a rotation leaves one",
    threat: adds,
    says: always("broken"),
    do: (scene) => {
      const { lines } = middleStretch(scene)
      const { file = "" } = lines[0] ?? {}
      scene.files.write(`${file}.1`, scene.files.text(file).replace("approved", "rejected"))
    }
  },
  {
    name: "lines are added behind the last seal of a session that was closed",
    threat: adds,
    says: always("broken inserted"),
    do: (scene) => addBehind(scene, dailyOf(scene), 3)
  },
  {
    name: "lines are added behind the end of the newest session",
    threat: adds,
    says: always("broken inserted"),
    do: (scene) => addBehind(scene, "last", 3)
  },
  {
    name: "a session that was closed goes on in a file of another day",
    threat: adds,
    says: always("broken inserted"),
    do: ({ files }) => {
      const spots = linesOfSession(files, sessionNamed(files, "last"))
      const like = spots.findLast(({ line }) => line.includes('"run":"last"'))
      const line = (like?.line ?? "").replace(/"seq":\d+/, '"seq":500').replace(/-7(...)-/, "-7ffe-")
      files.append(
        (like?.file ?? "").replace(/\d{4}-\d\d-\d\d/, "2026-04-01"),
        new TextEncoder().encode(line)
      )
    }
  },
  {
    name: "a session that was closed goes on, with a seal without a signature",
    threat: adds,
    says: always("broken inserted"),
    do: ({ files }) => goOn(files, sessionNamed(files, "last"))
  },
  {
    name: "a session that was closed goes on, with a seal of another key",
    threat: adds,
    says: always("broken inserted"),
    do: ({ files }) => goOn(files, sessionNamed(files, "last"), strangersKey)
  },
  {
    name: "lines are added behind those of a session that was killed",
    threat: goesOn,
    says: ["intact unsealed", "signed unsealed", "anchored unsealed", "anchored unsealed"],
    do: (scene) => addBehind(scene, "killed", 3)
  },
  {
    name: "lines are added behind those of a session that was killed before its first seal",
    threat: goesOn,
    says: ["intact unsealed", "signed unsealed", "anchored unsealed", "anchored unsealed"],
    do: (scene) => addBehind(scene, "hasty", 3)
  },
  {
    name: "a session is added by the exporter itself, without the key",
    threat: adds,
    says: ["intact", "unsigned", "unsigned", "unsigned"],
    do: async (scene) => (await runIn(scene, scene.freshDir(), { retentionDays: 99 })).files
  },
  {
    name: "a session is added by the exporter itself, with another key",
    threat: adds,
    says: ["intact", "unsigned", "unsigned", "unsigned"],
    do: async (scene) =>
      (await runIn(scene, scene.freshDir(), { retentionDays: 99, key: strangersKey })).files
  },
  {
    name: "a session is added by the exporter itself, which seals nothing",
    threat: adds,
    says: ["unsealed", "unsigned", "unsigned", "unsigned"],
    do: async (scene) => (await runIn(scene, scene.freshDir(), { retentionDays: 99, isUnsealed: true })).files
  },
  {
    name: "lines of no session are added",
    threat: adds,
    says: ["unsealed unowned", "unsigned unowned", "unsigned unowned", "unsigned unowned"],
    do: ({ files }) => {
      const [file = ""] = inOrder(files)
      files.append(
        file,
        new TextEncoder().encode('{"ts":"","level":"info","category":"payment","message":"planted"}\n')
      )
    }
  },
  {
    name: "a day is added that has lines without a seal",
    threat: adds,
    says: ["unsealed", "unsigned", "unsigned", "unsigned"],
    do: ({ files }) => {
      const [spot] = linesOfSession(files, sessionNamed(files, "last"))
      const file = (spot?.file ?? "")
        .replace(/\d{4}-\d\d-\d\d/, "2026-04-02")
        .replace(/-[0-9a-f]{8}\.jsonl/, "-bad00000.jsonl")
      const line = (spot?.line ?? "")
        .replace(/"session":"\w+"/, '"session":"bad00000"')
        .replace(/[89ab](...)-(.{12})"}\n$/, '8bad-000000000001"}\n')
      files.write(file, line)
    }
  },
  {
    name: "a signed session of another folder is added that has seen others there",
    threat: adds,
    says: always("broken"),
    do: ({ files, elsewhere }) => {
      copySession(elsewhere.files, files, "last")
    }
  },
  {
    name: "a signed session of another folder is added that was alone there",
    threat: copies,
    says: ["intact unlinked", "signed unlinked", "signed unlinked", "signed unlinked"],
    do: ({ files, lonely }) => {
      copySession(lonely, files, "lonely")
    }
  },
  {
    name: "a signed session of another folder, which was alone there, takes the place of the newest one",
    threat: copies,
    says: ["intact unlinked", "signed unlinked", "broken", "broken"],
    do: ({ files, lonely }) => {
      const streamKey = sessionNamed(files, "last")
      dropSessions(files, (key) => key === streamKey)
      copySession(lonely, files, "lonely")
    }
  },
  {
    name: "a signed session of another app is added",
    threat: exchanges,
    layouts: ["daily", "session"],
    says: always("broken moved"),
    do: ({ files, otherApp }) => {
      const streamKey = sessionNamed(otherApp.files, "last")
      for (const { file, line } of linesOfSession(otherApp.files, streamKey))
        files.append(file.replace("othertools", "datatools"), new TextEncoder().encode(line))
    }
  }
]
