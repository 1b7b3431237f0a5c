// Old days that somebody deletes, and what they put there to make it look like the log's own retention. A deletion is believed
// only of the log itself: of a proved mark in a session that is signed, where a key is given, that names the files and their seals.

import {
  dropFiles,
  edit,
  goOn,
  isSeal,
  linesOfSession,
  sessionNamed,
  splice,
  streamKeyOf
} from "../../tools/forging.ts"
import { dayOf, daysOf, makeTrail, runIn } from "../../tools/trails.ts"
import { type Attack, always, type Scene } from "./attack.ts"
import { copySession } from "./files.ts"
import { strangersKey } from "./seals.ts"

const threat = "deletes old days and makes it look like retention"

const dropOldest = ({ files }: Pick<Scene, "files">, count: number): void => {
  const gone = daysOf(files).slice(0, count)
  dropFiles(files, (file) => gone.includes(dayOf(file)))
}

const markSpots = ({ files }: Scene) =>
  [...files.files.keys()].flatMap((file) =>
    files
      .lines(file)
      .map((line, index) => ({ file, index, line }))
      .filter(({ line }) => line.includes('"category":"retention"') && !isSeal(line))
  )

/** The exporter itself, with another key or none, deletes days in a copy of the folder: its marks are as real as ours. */
const sweepAs = async (scene: Scene, key?: typeof strangersKey): Promise<Scene["files"]> =>
  (await runIn(scene, scene.freshDir(), { key, retentionDays: 1 }, { daysLater: 1 })).files

export const deletionAttacks: readonly Attack[] = [
  {
    name: "the oldest day is removed",
    threat,
    says: always("incomplete"),
    do: (scene) => dropOldest(scene, 1)
  },
  {
    name: "the two oldest days are removed",
    threat,
    says: always("incomplete"),
    do: (scene) => dropOldest(scene, 2)
  },
  {
    name: "the oldest day is removed of a folder from which the log has deleted nothing yet",
    threat,
    isYoung: true,
    says: always("incomplete"),
    do: (scene) => dropOldest(scene, 1)
  },
  {
    name: "one file of the oldest day is removed",
    threat,
    layouts: ["session", "user"],
    says: { daily: always("incomplete"), session: always("incomplete"), user: always("broken") },
    do: ({ files }) => {
      const [oldest] = daysOf(files)
      const streamKey = sessionNamed(files, "long")
      const file = linesOfSession(files, streamKey).find((spot) => dayOf(spot.file) === oldest)?.file
      dropFiles(files, (name) => name === file)
    }
  },
  {
    name: "the oldest day is removed, and a mark in the list of an honest one names it",
    threat,
    says: always("broken edited"),
    do: (scene) => {
      const [oldest = ""] = daysOf(scene.files)
      const mark = markSpots(scene).findLast(({ file }) => dayOf(file) > oldest)
      if (mark === undefined) throw new Error("there is no retention mark")
      edit(scene.files, mark, (line) =>
        line
          .replace(/"newest":"[^"]*"/, `"newest":"${oldest}"`)
          .replace(/"oldest":"[^"]*"/, `"oldest":"${oldest}"`)
      )
      dropOldest(scene, 1)
    }
  },
  {
    name: "an honest retention mark is removed",
    threat,
    says: always("broken"),
    do: (scene) => {
      const mark = markSpots(scene).at(-1)
      if (mark !== undefined) splice(scene.files, mark, 1)
    }
  },
  {
    name: "the oldest days are removed, and an exporter without the key has written the marks",
    threat,
    says: ["intact retired", "unsigned", "unsigned", "unsigned"],
    do: (scene) => sweepAs(scene)
  },
  {
    name: "the oldest days are removed, and an exporter with another key has written the marks",
    threat,
    says: ["intact retired", "unsigned", "unsigned", "unsigned"],
    do: (scene) => sweepAs(scene, strangersKey)
  },
  {
    name: "an exporter without the key has deleted days, and its session is removed afterwards",
    threat,
    says: always("incomplete"),
    do: async (scene) => {
      const files = await sweepAs(scene)
      const own = new Set(
        [...scene.files.files.keys()].flatMap((file) => scene.files.lines(file).map(streamKeyOf))
      )
      for (const file of [...files.files.keys()]) {
        const lines = files.lines(file).filter((line) => own.has(streamKeyOf(line)))
        if (lines.length === 0) files.files.delete(file)
        else files.write(file, lines.join(""))
      }
      return files
    }
  },
  {
    name: "the oldest days are removed, and a signed session of another folder brings the marks",
    threat,
    says: ["incomplete", "incomplete", "incomplete", "incomplete"],
    do: (scene) => {
      copySession(scene.elsewhere.files, scene.files, "long")
      dropOldest(scene, 2)
    }
  },
  {
    name: "the oldest days are removed, and a mark is put behind the lines of a session that was killed",
    threat,
    says: always("incomplete"),
    do: (scene) => {
      const [oldest = ""] = daysOf(scene.files)
      const mark = markSpots(scene).at(-1)
      const killed = linesOfSession(scene.files, sessionNamed(scene.files, "killed")).at(-1)
      if (mark === undefined || killed === undefined) throw new Error("no mark, or no killed session")
      const { ts, session, id } = JSON.parse(killed.line)
      const fields = JSON.parse(mark.line)
      const forged = { ...fields, ts, session, newest: oldest, oldest, id: id.replace(/-7(...)-/, "-7ffe-") }
      scene.files.append(killed.file, new TextEncoder().encode(`${JSON.stringify(forged)}\n`))
      dropOldest(scene, 1)
    }
  },
  {
    name: "the oldest days are removed, and a mark is put behind them and sealed with another key",
    threat,
    says: ["incomplete", "broken signature", "broken signature", "broken signature"],
    do: (scene) => {
      const [oldest = ""] = daysOf(scene.files)
      const mark = markSpots(scene).at(-1)
      const streamKey = sessionNamed(scene.files, "killed")
      const fields = JSON.parse(mark?.line ?? "{}")
      goOn(scene.files, streamKey, strangersKey, (line) => {
        const { ts, session, id } = JSON.parse(line)
        return `${JSON.stringify({ ...fields, ts, session, newest: oldest, oldest, id })}\n`
      })
      dropOldest(scene, 1)
    }
  },
  {
    name: "a day that the log has deleted is there again, with lines without a key",
    threat: "adds lines or sessions",
    says: {
      daily: ["unsealed", "unsigned", "unsigned", "broken"],
      // Which of its sessions the newest ones have seen is left to the moment.
      session: ["incomplete|unsealed", "unsigned", "unsigned", "unsigned"],
      user: ["incomplete", "unsigned", "unsigned", "broken"]
    },
    do: async (scene) => {
      const { files } = await makeTrail({
        layout: scene.layout,
        dir: scene.freshDir(),
        days: 3,
        isUnsigned: true,
        retentionDays: 9
      })
      for (const [file, bytes] of files.files)
        if (dayOf(file) < (daysOf(scene.files)[0] ?? "")) scene.files.write(file, bytes)
    }
  },
  {
    name: "the log was run for a day with a smaller number of days than the operator asks for",
    threat,
    options: { retentionDays: 30 } as NonNullable<Attack["options"]>,
    says: always("incomplete"),
    do: () => undefined
  }
]
