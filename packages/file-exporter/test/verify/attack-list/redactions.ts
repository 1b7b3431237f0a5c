// Attacks that hide behind a redaction. An honest redaction makes 16 lines unprovable, and the verdict is `incomplete` for it: so
// whoever redacts can change these 16 lines, and never in silence. Everything else must be as it was sealed.
import {
  blockLines,
  edit,
  editAll,
  isSeal,
  leafOf,
  linesOfSession,
  redactedLine,
  redactIn,
  type SealedStretch,
  saltsOf,
  sessionNamed,
  splice,
  stretchesOf,
  withSalts
} from "../../tools/forging.ts"
import { type Attack, always, type Scene } from "./attack.ts"
import { middleStretch } from "./lines.ts"

const threat = "hides changes behind a redaction"

/** The stretch as it is now, after a change. */
const again = (scene: Scene): SealedStretch => {
  const { line } = middleStretch(scene).seal
  const k = JSON.parse(line).k
  const found = stretchesOf(scene.files, sessionNamed(scene.files, "long")).find(
    ({ seal }) => JSON.parse(seal.line).k === k
  )
  if (found === undefined) throw new Error("the stretch is gone")
  return found
}

/** Changes the salts of the stretch. */
const onSalts = (
  name: string,
  says: string,
  change: (salts: readonly string[], stretch: SealedStretch, scene: Scene) => readonly string[]
): Attack => ({
  name,
  threat,
  says: always(says),
  do: (scene) => {
    const stretch = middleStretch(scene)
    edit(scene.files, stretch.seal, (line) => withSalts(line, change(saltsOf(line), stretch, scene)))
  }
})

/** A redaction of the stretch's third line, and something behind it. */
const redacting = (name: string, says: string, then: (scene: Scene) => void): Attack => ({
  name,
  threat,
  says: always(says),
  do: (scene) => {
    redactIn(scene.files, middleStretch(scene), [2])
    then(scene)
  }
})

const firstLeaf = ({ lines, seal }: SealedStretch): string =>
  leafOf(
    saltsOf(seal.line)[0] ?? "",
    lines.slice(0, blockLines).map(({ line }) => line)
  )

const reject = (line: string): string => line.replace("approved", "rejected")

/** The stretch that a mark of some kind is in. */
const stretchWith = ({ files }: Scene, part: string): SealedStretch => {
  for (const file of files.files.keys())
    for (const line of files.lines(file))
      if (line.includes(part))
        for (const stretch of stretchesOf(files, sessionKeyOf(line)))
          if (stretch.lines.some((spot) => spot.line === line)) return stretch
  throw new Error(`no line has ${part}`)
}

const sessionKeyOf = (line: string): string =>
  /([0-9a-f]{3})-([0-9a-f]{12})"}\n$/.exec(line)?.slice(1).join("") ?? ""

export const redactionAttacks: readonly Attack[] = [
  redacting("an honest redaction, as a measure of the others", "incomplete redacted", () => undefined),
  redacting("a line is redacted, and another one of its block is changed", "incomplete redacted", (scene) => {
    const spot = again(scene).lines[7]
    if (spot !== undefined) edit(scene.files, spot, reject)
  }),
  redacting(
    "a line is redacted, and all others of its block are replaced",
    "incomplete redacted",
    (scene) => {
      for (const spot of again(scene).lines.slice(3, blockLines)) edit(scene.files, spot, reject)
    }
  ),
  redacting("a line is redacted, and a line of another block is changed", "broken edited", (scene) => {
    const spot = again(scene).lines[blockLines + 2]
    if (spot !== undefined) edit(scene.files, spot, reject)
  }),
  redacting(
    "a line is redacted, and all other lines of its stretch are replaced",
    "broken edited",
    (scene) => {
      for (const spot of again(scene).lines.slice(3)) edit(scene.files, spot, reject)
    }
  ),
  redacting("a line is redacted, and a line of its block is removed", "broken deleted", (scene) => {
    const spot = again(scene).lines[7]
    if (spot !== undefined) splice(scene.files, spot, 1)
  }),
  redacting("a line is redacted, and a copy is put into its block", "broken", (scene) => {
    const { lines } = again(scene)
    const [spot] = lines
    if (spot !== undefined) splice(scene.files, spot, 0, lines[5]?.line ?? "")
  }),
  redacting(
    "a line is redacted, and a line of its block makes room for one of the next",
    "broken",
    (scene) => {
      const { lines } = again(scene)
      const [from, to] = [lines[7], lines[blockLines + 1]]
      if (from === undefined || to === undefined) return
      splice(scene.files, { ...to, index: to.index + 1 }, 0, from.line.replace(/"seq":\d+/, '"seq":1'))
      splice(scene.files, from, 1)
    }
  ),
  redacting(
    "a line is redacted, and the seal's digest is made to fit what stands there now",
    "broken",
    (scene) => {
      edit(scene.files, again(scene).seal, (line) =>
        line.replace(/"sha256":"./, (was) => `${was.slice(0, -1)}${was.endsWith("0") ? "1" : "0"}`)
      )
    }
  ),
  redacting("a redacted line also gets another number", "incomplete redacted", (scene) => {
    const spot = again(scene).lines[2]
    if (spot !== undefined) edit(scene.files, spot, (line) => line.replace(/"seq":(\d+)/, '"seq":9$1'))
  }),
  {
    name: "all lines of a stretch are redacted",
    threat,
    says: always("incomplete redacted"),
    do: (scene) => {
      const stretch = middleStretch(scene)
      redactIn(
        scene.files,
        stretch,
        stretch.lines.map((_spot, place) => place)
      )
    }
  },
  {
    name: "a line is redacted, and its block keeps its salt",
    threat,
    says: always("broken edited"),
    do: (scene) => {
      const spot = middleStretch(scene).lines[2]
      if (spot !== undefined) edit(scene.files, spot, (line) => redactedLine(line))
    }
  },
  {
    name: "a line of a block without a redaction is changed, and the block's leaf stands for its salt",
    threat,
    says: always("broken edited"),
    do: (scene) => {
      const stretch = middleStretch(scene)
      edit(scene.files, stretch.seal, (line) =>
        withSalts(line, [firstLeaf(stretch), ...saltsOf(line).slice(1)])
      )
      const spot = again(scene).lines[2]
      if (spot !== undefined) edit(scene.files, spot, reject)
    }
  },
  onSalts("a leaf stands for a salt, and no line is redacted", "broken edited", (salts, stretch) => [
    firstLeaf(stretch),
    ...salts.slice(1)
  ]),
  onSalts("two salts are swapped", "broken edited", ([one = "", other = "", ...rest]) => [
    other,
    one,
    ...rest
  ]),
  onSalts("a salt is changed", "broken edited", ([one = "", ...rest]) => [
    `${one.startsWith("A") ? "B" : "A"}${one.slice(1)}`,
    ...rest
  ]),
  onSalts("the digits behind a salt are changed", "broken edited", ([one = "", ...rest]) => [
    `${one.slice(0, -1)}${one.endsWith("0") ? "1" : "0"}`,
    ...rest
  ]),
  onSalts("a salt of another seal takes a salt's place", "broken edited", (salts, { seal }, { files }) => {
    const other = linesOfSession(files, sessionNamed(files, "long")).find(
      ({ line }) => isSeal(line) && line !== seal.line
    )
    return [saltsOf(other?.line ?? "")[0] ?? "", ...salts.slice(1)]
  }),
  onSalts("a salt is removed", "broken damaged", (salts) => salts.slice(1)),
  onSalts("a salt is added", "broken damaged", (salts) => [...salts, salts[0] ?? ""]),
  onSalts("all salts are removed", "broken damaged", () => []),
  onSalts("a salt is too short", "broken damaged", ([one = "", ...rest]) => [one.slice(1), ...rest]),
  onSalts("a salt is too long", "broken damaged", ([one = "", ...rest]) => [`${one}a`, ...rest]),
  onSalts("a salt is no text", "broken damaged", (salts) => [7 as unknown as string, ...salts.slice(1)]),
  {
    name: "the member with the salts is removed",
    threat,
    says: always("broken damaged"),
    do: (scene) =>
      edit(scene.files, middleStretch(scene).seal, (line) => line.replace(/,"salts":\[[^\]]*\]/, ""))
  },
  {
    name: "the salts stand before the signature",
    threat,
    says: always("broken"),
    do: (scene) =>
      edit(scene.files, middleStretch(scene).seal, (line) =>
        line.replace(/(,"sig":"[^"]*")(,"salts":\[[^\]]*\])/, "$2$1")
      )
  },
  {
    name: "a mark is redacted",
    threat,
    says: always("broken"),
    do: (scene) => {
      const stretch = stretchWith(scene, '"category":"retention"')
      const place = stretch.lines.findIndex(({ line }) => line.includes('"category":"retention"'))
      redactIn(scene.files, stretch, [place])
    }
  },
  {
    name: "a retention mark names more days, and its block's leaf stands for its salt",
    threat,
    says: always("broken edited"),
    do: (scene) => {
      const { lines, seal } = stretchWith(scene, '"category":"retention"')
      const place = lines.findIndex(({ line }) => line.includes('"category":"retention"'))
      const block = Math.floor(place / blockLines)
      const covered = lines.slice(block * blockLines, (block + 1) * blockLines).map(({ line }) => line)
      edit(scene.files, seal, (line) =>
        withSalts(line, saltsOf(line).with(block, leafOf(saltsOf(line)[block] ?? "", covered)))
      )
      const mark = lines[place]
      if (mark !== undefined)
        edit(scene.files, mark, (line) => line.replace(/"newest":"[^"]*"/, '"newest":"2026-03-30"'))
    }
  },
  {
    name: "a line is redacted, and not what another session has seen of it",
    threat,
    says: always("broken edited"),
    do: (scene) => {
      for (const stretch of stretchesOf(scene.files, sessionNamed(scene.files, "long"))) {
        if (!stretch.lines[2]?.line.includes('"run":"long"')) continue
        const [whole, half] = [scene.files.copy(), scene.files.copy()]
        redactIn(whole, stretch, [2])
        redactIn(half, stretch, [2], { isSeen: false })
        if ([...whole.files.keys()].some((file) => whole.text(file) !== half.text(file))) return half
      }
      throw new Error("no other session has seen a line of this one before it was sealed")
    }
  },
  {
    name: "a redacted line claims that its session filters, and lines are removed",
    threat,
    says: always("broken deleted"),
    do: (scene) => {
      const streamKey = sessionNamed(scene.files, "last")
      const [first] = stretchesOf(scene.files, streamKey)
      if (first === undefined) return
      const start = first.lines.findIndex(({ line }) => line.includes("Session started"))
      redactIn(scene.files, first, [start === -1 ? 0 : start + 1])
      editAll(scene.files, (line) =>
        line.replace('"message":"Session started"', '"message":"Session started","filtered":true')
      )
      const spots = linesOfSession(scene.files, streamKey)
      const spot = spots.findLast(({ line }) => line.includes('"run":"last"'))
      if (spot !== undefined) splice(scene.files, spot, 1)
    }
  },
  {
    name: "a seal is redacted like a line",
    threat,
    says: always("broken"),
    do: (scene) => edit(scene.files, middleStretch(scene).seal, (line) => redactedLine(line))
  }
]
