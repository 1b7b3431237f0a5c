// Attacks on the seals themselves: changed, taken away, copied; and sessions that are sealed anew by somebody without the key.
// Without a key given, whoever seals everything anew has made a trail as good as ours: that is what a key is for.
import { generateKeyPairSync } from "node:crypto"
import { readSealKey } from "../../../src/seal/key.node.ts"
import {
  edit,
  editAll,
  goOn,
  isSeal,
  linesOfSession,
  resealSession,
  type Spot,
  sealsOf,
  sessionNamed,
  splice,
  streamKeyOf,
  stretchesOf
} from "../../tools/forging.ts"
import { publicPem } from "../../tools/seal-test-key.ts"
import type { MemoryFiles } from "../../tools/sealed-files.ts"
import type { ownKey } from "../../tools/trails.ts"
import { type Attack, always, type Scene } from "./attack.ts"
import { middleStretch } from "./lines.ts"

const strangers = generateKeyPairSync("ed25519")
const strangersKey = readSealKey({
  pem: strangers.privateKey.export({ type: "pkcs8", format: "pem" }).toString()
})
export const strangersPem: string = strangers.publicKey.export({ type: "spki", format: "pem" }).toString()
export { strangersKey }

const threat = "changes, removes or copies seals"
const anew = "seals anew without the key"

const lastSealOf = (files: MemoryFiles, name: string): Spot => {
  const seal = sealsOf(files, sessionNamed(files, name)).at(-1)
  if (seal === undefined) throw new Error(`the session ${name} has no seal`)
  return seal
}

const onSeal = (name: string, says: Attack["says"], change: (line: string) => string): Attack => ({
  name,
  threat,
  says,
  do: (scene) => edit(scene.files, middleStretch(scene).seal, change)
})

/** The last word of a trail: without a key and anchors its seal may say what it likes, as long as it fits its lines. */
const onLastSeal = (name: string, says: Attack["says"], change: (line: string) => string): Attack => ({
  name,
  threat,
  says,
  do: ({ files }) => edit(files, lastSealOf(files, "last"), change)
})

const oneUp = (field: string) => (line: string) =>
  line.replace(new RegExp(`"${field}":(\\d+)`), (_was, digits) => `"${field}":${Number(digits) + 1}`)

const otherDigit = (pattern: RegExp) => (line: string) =>
  line.replace(pattern, (_was, before, digit) => `${before}${digit === "0" ? "1" : "0"}`)

const unsigned = (line: string): string =>
  line
    .replace(/,"alg":"ed25519"/, "")
    .replace(/,"key":"[0-9a-f]+"/, "")
    .replace(/,"sig":"[\w-]+"/, "")

/** A trail that is sealed anew from its first line on. */
const resealAll = (scene: Scene, key = undefined as typeof ownKey | undefined): void => {
  const { files } = scene
  const keys = new Set(
    [...files.files.keys()].flatMap((file) => files.lines(file).map((line) => streamKeyOf(line)))
  )
  for (const streamKey of keys) if (streamKey !== "") resealSession(files, streamKey, { key })
}

const broken = (kinds: string): Attack["says"] => always(`broken ${kinds}`.trimEnd())

export const sealAttacks: readonly Attack[] = [
  onSeal("a seal's message is changed", broken("edited"), (line) => line.replace("Sealed", "sealed")),
  onSeal("a seal's time is changed", broken("edited"), (line) => line.replace(/\.\d\d\dZ/, ".777Z")),
  onSeal("a seal's number is changed", broken(""), oneUp("k")),
  onSeal("a seal counts one line more", broken(""), oneUp("lines")),
  onSeal("a seal skips one line more", broken(""), oneUp("skip")),
  onSeal("a seal's digest is changed", broken(""), otherDigit(/("sha256":")(.)/)),
  onSeal("a seal follows another one", broken(""), otherDigit(/("prev":")(.)/)),
  onSeal("a seal's first event is changed", broken("edited"), oneUp("first_seq")),
  onSeal("a seal names another file", broken(""), (line) => line.replace(/"file":"/, '"file":"other-')),
  onSeal("a seal says that its file was replaced", broken(""), (line) =>
    line.replace(/,"lines":/, ',"replaced":true,"lines":')
  ),
  onSeal("a seal says that it closes the session", broken(""), (line) =>
    line.replace(/,"prev":"(\w*)"/, ',"prev":"$1","closed":true')
  ),
  onSeal("a seal says a thing twice", broken("edited"), (line) =>
    line.replace(/("lines":\d+)/, '"lines":1,$1')
  ),
  onSeal("a signature is changed", broken("edited"), otherDigit(/("sig":")(.)/)),
  onSeal("a signature is taken away", broken(""), unsigned),
  onSeal("a seal loses only the text of its signature", broken("damaged"), (line) =>
    line.replace(/,"sig":"[\w-]+"/, "")
  ),
  onSeal("a seal names an algorithm that there is not", broken("damaged"), (line) =>
    line.replace('"alg":"ed25519"', '"alg":"none"')
  ),
  onSeal("a seal is damaged", broken("damaged"), (line) => line.replace('"level"', '"leve|')),
  {
    name: "a seal is removed",
    threat,
    says: broken("deleted"),
    do: (scene) => splice(scene.files, middleStretch(scene).seal, 1)
  },
  {
    name: "a stretch is there twice, with its seal",
    threat,
    says: broken("inserted"),
    do: (scene) => {
      const { lines, seal } = middleStretch(scene)
      splice(scene.files, { ...seal, index: seal.index + 1 }, 0, ...lines.map(({ line }) => line), seal.line)
    }
  },
  {
    name: "a stretch is removed with its seal",
    threat,
    says: broken("deleted"),
    do: (scene) => {
      const { lines, seal } = middleStretch(scene)
      for (const spot of [seal, ...lines.toReversed()]) splice(scene.files, spot, 1)
    }
  },
  {
    name: "a session's first stretch of a file is removed with its seal",
    threat,
    says: broken(""),
    do: (scene) => {
      const { file } = middleStretch(scene).seal
      const [first] = stretchesOf(scene.files, sessionNamed(scene.files, "long")).filter(
        ({ seal }) => seal.file === file
      )
      for (const spot of [first?.seal, ...(first?.lines ?? []).toReversed()])
        if (spot !== undefined) splice(scene.files, spot, 1)
    }
  },
  {
    name: "two seals change places",
    threat,
    says: broken(""),
    do: (scene) => {
      const { seal } = middleStretch(scene)
      const other = linesOfSession(scene.files, sessionNamed(scene.files, "long")).find(
        ({ file, index, line }) => file === seal.file && index !== seal.index && isSeal(line)
      )
      if (other === undefined) throw new Error("the file has one seal of the session")
      edit(scene.files, seal, () => other.line)
      edit(scene.files, other, () => seal.line)
    }
  },
  {
    name: "a session's seals are all removed, and others have seen it",
    threat,
    says: broken(""),
    do: ({ files, days }) => {
      const streamKey = sessionNamed(files, `daily ${days.length > 3 ? 7 : 2}`)
      editAll(files, (line) => (isSeal(line) && streamKeyOf(line) === streamKey ? undefined : line))
    }
  },
  {
    name: "a line is changed, and its seal's digest with it",
    threat,
    says: broken("edited"),
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "long")
      const forged = files.copy()
      resealSession(forged, streamKey, {
        change: (line) => line.replace('"number":3,', '"number":4,')
      })
      const spots = linesOfSession(files, streamKey).filter(({ line }) => isSeal(line))
      const made = linesOfSession(forged, streamKey).filter(({ line }) => isSeal(line))
      const [spot] = spots
      const digest = /"sha256":"\w+"/.exec(made[0]?.line ?? "")?.[0] ?? ""
      if (spot !== undefined) edit(files, spot, (line) => line.replace(/"sha256":"\w+"/, digest))
    }
  },
  onLastSeal(
    "the last seal of all gets another time",
    ["intact", "broken signature", "broken", "broken"],
    (line) => line.replace(/\.\d\d\dZ/, ".777Z")
  ),
  onLastSeal(
    "the last seal of all does not close any more",
    ["intact", "broken signature", "broken", "broken"],
    (line) => line.replace(',"closed":true', "")
  ),
  onLastSeal(
    "the last seal of all loses its signature",
    ["intact", "broken signature", "broken", "broken"],
    unsigned
  ),
  {
    name: "the newest session loses all its seals",
    threat: anew,
    says: always("broken seals-missing"),
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "last")
      editAll(files, (line) => (isSeal(line) && streamKeyOf(line) === streamKey ? undefined : line))
    }
  },
  {
    name: "the newest session is sealed anew, without a signature",
    threat: anew,
    says: ["intact", "unsigned", "broken edited", "broken edited"],
    do: ({ files }) => {
      resealSession(files, sessionNamed(files, "last"), {
        change: (line) => line.replace("approved", "rejected")
      })
    }
  },
  {
    name: "the newest session is sealed anew, with another key",
    threat: anew,
    says: ["intact", "unsigned", "broken edited", "broken edited"],
    do: ({ files }) => {
      resealSession(files, sessionNamed(files, "last"), { key: strangersKey })
    }
  },
  {
    name: "all sessions are sealed anew, without a signature",
    threat: anew,
    says: ["intact", "unsigned", "broken edited", "broken edited"],
    do: (scene) => resealAll(scene)
  },
  {
    name: "all sessions are sealed anew, with another key",
    threat: anew,
    says: ["intact", "unsigned", "broken edited", "broken edited"],
    do: (scene) => resealAll(scene, strangersKey)
  },
  {
    name: "a session that others have seen is sealed anew, without a signature",
    threat: anew,
    says: broken(""),
    do: ({ files, days }) => {
      resealSession(files, sessionNamed(files, `daily ${days.length > 3 ? 7 : 2}`))
    }
  },
  {
    name: "a session goes on with seals of another key, and both keys are given",
    threat: anew,
    options: { publicKey: [publicPem, strangersPem] },
    says: ["unsigned", "unsigned", "unsigned", "unsigned"],
    do: ({ files }) => goOn(files, sessionNamed(files, "killed"), strangersKey)
  },
  {
    name: "a session goes on with seals of another key",
    threat: anew,
    says: ["intact", "broken signature", "broken signature", "broken signature"],
    do: ({ files }) => goOn(files, sessionNamed(files, "killed"), strangersKey)
  },
  {
    name: "a session goes on with seals without a signature",
    threat: anew,
    says: ["intact", "broken signature", "broken signature", "broken signature"],
    do: ({ files }) => goOn(files, sessionNamed(files, "killed"))
  },
  {
    name: "the newest session claims to be of a newer version",
    threat: anew,
    says: ["unknown", "unsigned", "unsigned", "unsigned"],
    do: ({ files }) => {
      const streamKey = sessionNamed(files, "last")
      editAll(files, (line) => {
        if (streamKeyOf(line) !== streamKey) return line
        const newer = isSeal(line) ? line.replace('"prev"', '"before"') : line.replace("approved", "rejected")
        return newer.replace(/(,"seq":\d+)?,"id"/, ',"v":2$&')
      })
    }
  }
]
