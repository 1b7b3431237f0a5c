// Attacks on sealed lines: changed, taken away, added, put elsewhere. They need no seal, so every one is found without a key.
import {
  blockLines,
  edit,
  editAll,
  linesOfSession,
  parsed,
  redactedLine,
  type Spot,
  sessionNamed,
  splice,
  stretchesOf
} from "../../tools/forging.ts"
import { type Attack, always, type Scene } from "./attack.ts"

const threat = "changes, adds, removes or moves sealed lines"

/** A stretch of the long session, of two blocks at least and of events only, on a day in the middle. */
export const middleStretch = ({ files, days }: Pick<Scene, "files" | "days">) => {
  const day = days[Math.floor(days.length / 2)] ?? ""
  const found = stretchesOf(files, sessionNamed(files, "long")).find(
    ({ lines, seal }) =>
      seal.file.includes(day) &&
      lines.length >= blockLines + 8 &&
      lines.every(({ line }) => line.includes('"run":"long"'))
  )
  if (found === undefined) throw new Error("the long session has no stretch of two blocks there")
  return found
}

const nth = (scene: Scene, place: number): Spot => {
  const spot = middleStretch(scene).lines[place]
  if (spot === undefined) throw new Error(`the stretch has no line ${place}`)
  return spot
}

const onLine = (name: string, says: string, change: (line: string) => string): Attack => ({
  name,
  threat,
  says: always(says),
  do: (scene) => edit(scene.files, nth(scene, 5), change)
})

/** The line "Session started". */
const firstLineOf = (files: Scene["files"], name: string): Spot => {
  const start = linesOfSession(files, sessionNamed(files, name)).find(({ line }) =>
    line.includes('"message":"Session started"')
  )
  if (start === undefined) throw new Error(`the session ${name} has no first line`)
  return start
}

/** Both are events of sessions that were closed, and not of the same. */
const isOther = (line: string, next: string): boolean =>
  [line, next].every((text) => /"run":"(long|daily|last)/.test(text)) &&
  parsed(line).session !== parsed(next).session

export const lineAttacks: readonly Attack[] = [
  onLine("a value of a line is changed", "broken edited", (line) =>
    line.replace(/"amount":\d/, '"amount":9')
  ),
  onLine("the time of a line is changed", "broken edited", (line) => line.replace(/\.\d\d\dZ/, ".777Z")),
  onLine("the level of a line is changed", "broken edited", (line) => line.replace('"info"', '"warn"')),
  onLine("the message of a line is changed", "broken edited", (line) => line.replace("approved", "rejected")),
  onLine("a key is added to a line", "broken edited", (line) =>
    line.replace('"amount"', '"more":1,"amount"')
  ),
  onLine("a space is added to a line", "broken edited", (line) => line.replace('"amount":', '"amount": ')),
  onLine("a byte of a line is damaged", "broken damaged", (line) => line.replace('"level"', '"leve|')),
  onLine("a line names another session", "broken damaged", (line) =>
    line.replace(/"session":"./, (was) => was.slice(0, -1) + (was.endsWith("f") ? "0" : "f"))
  ),
  onLine("a line gets the id of no session", "broken damaged", (line) =>
    line.replace(/(.)"}\n$/, (was) => (was.startsWith("0") ? '1"}\n' : '0"}\n'))
  ),
  onLine("a line loses its id", "broken", (line) => line.replace(/,"id":"[^"]*"/, "")),
  onLine("a line claims to be redacted", "broken edited", (line) => redactedLine(line)),
  onLine("a line claims to be a mark", "broken", (line) => line.replace(/,"seq":\d+/, "")),
  {
    name: "a line is removed",
    threat,
    says: always("broken deleted"),
    do: (scene) => splice(scene.files, nth(scene, 5), 1)
  },
  {
    name: "the last line before a seal is removed",
    threat,
    says: always("broken deleted"),
    do: (scene) => splice(scene.files, middleStretch(scene).lines.at(-1) ?? nth(scene, 0), 1)
  },
  {
    name: "a line is there twice",
    threat,
    says: always("broken inserted"),
    do: (scene) => splice(scene.files, nth(scene, 5), 0, nth(scene, 3).line)
  },
  {
    name: "a line takes the place of another one",
    threat,
    says: always("broken inserted"),
    do: (scene) => edit(scene.files, nth(scene, 5), () => nth(scene, 3).line)
  },
  {
    name: "a line is made up",
    threat,
    says: always("broken inserted"),
    do: (scene) => {
      const { line } = nth(scene, 5)
      const madeUp = line
        .replace(/"seq":\d+/, '"seq":99999')
        .replace(/-7(...)-/, (_was, digits) => `-7${digits === "fff" ? "ffe" : "fff"}-`)
      splice(scene.files, nth(scene, 5), 0, madeUp)
    }
  },
  {
    name: "two lines are swapped",
    threat,
    says: always("broken reordered"),
    do: (scene) => {
      const [one, other] = [nth(scene, 3), nth(scene, 9)]
      edit(scene.files, one, () => other.line)
      edit(scene.files, other, () => one.line)
    }
  },
  {
    name: "two blocks of 16 lines are swapped",
    threat,
    says: always("broken"),
    do: (scene) => {
      const { lines } = middleStretch(scene)
      const first = lines.slice(0, 8)
      const second = lines.slice(blockLines, blockLines + 8)
      for (const [index, spot] of first.entries()) edit(scene.files, spot, () => second[index]?.line ?? "")
      for (const [index, spot] of second.entries()) edit(scene.files, spot, () => first[index]?.line ?? "")
    }
  },
  {
    name: "a line is moved over a seal",
    threat,
    says: always("broken"),
    do: (scene) => {
      const { seal, lines } = middleStretch(scene)
      const last = lines.at(-1) ?? nth(scene, 0)
      edit(scene.files, seal, () => last.line)
      edit(scene.files, last, () => seal.line)
    }
  },
  {
    name: "removed lines are explained by a gap mark that is made up",
    threat,
    says: always("broken"),
    do: (scene) => {
      const { line } = nth(scene, 5)
      const { seq = 0, session = "", ts = "", id = "" } = JSON.parse(line)
      const mark = { ts, level: "warn", category: "gap", session, message: "1 event is missing" }
      const gap = { ...mark, count: 1, first_seq: seq, last_seq: seq, reasons: { overflow: 1 }, id }
      edit(scene.files, nth(scene, 5), () => `${JSON.stringify(gap)}\n`)
    }
  },
  {
    name: "the session's first line is changed to say that the log filters",
    threat,
    says: always("broken edited"),
    do: ({ files }) => {
      const start = firstLineOf(files, "last")
      edit(files, start, (line) => line.replace('"runtime"', '"filtered":true,"runtime"'))
    }
  },
  {
    name: "the session's first line is changed to say that the log seals nothing",
    threat,
    says: always("broken edited"),
    do: ({ files }) => {
      const start = firstLineOf(files, "last")
      edit(files, start, (line) => line.replace('"runtime"', '"sealed":false,"runtime"'))
    }
  },
  {
    name: "a file is saved with CR LF",
    threat,
    says: always("broken rewritten"),
    do: (scene) => editAll(scene.files, (line) => line.replace("\n", "\r\n"), [nth(scene, 0).file])
  },
  {
    name: "a file is saved with a byte order mark",
    threat,
    says: always("broken rewritten"),
    do: ({ files }) => {
      const [file = ""] = files.files.keys()
      files.write(file, `\uFEFF${files.text(file)}`)
    }
  },
  {
    name: "a file is saved with CR LF, and a value is changed",
    threat,
    says: always("broken edited rewritten"),
    do: (scene) => {
      const { file } = nth(scene, 5)
      edit(scene.files, nth(scene, 5), (line) => line.replace("approved", "rejected"))
      editAll(scene.files, (line) => line.replace("\n", "\r\n"), [file])
    }
  },
  {
    name: "lines of two sessions change places",
    threat: "changes the order between sessions",
    layouts: ["daily", "user"],
    says: ["intact", "signed", "anchored", "anchored"],
    do: ({ files }) => {
      for (const file of files.files.keys()) {
        // Where two logs write in turn, a blank line stands between them.
        const spots = files
          .lines(file)
          .map((line, index) => ({ file, index, line }))
          .filter(({ line }) => line !== "\n")
        const at = spots.findIndex(({ line }, index) => isOther(line, spots[index + 1]?.line ?? ""))
        const [one, other] = [spots[at], spots[at + 1]]
        if (one === undefined || other === undefined) continue
        edit(files, one, () => other.line)
        edit(files, other, () => one.line)
        return
      }
      throw new Error("no two sessions have neighbours")
    }
  }
]
