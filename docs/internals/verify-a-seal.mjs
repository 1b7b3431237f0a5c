// Checks the seals in daily files of Daybook with nothing but Node, for those who would rather not believe the library
// about itself. Written from seal.md and sharing no code with what seals. Reads whole files into memory.
//
//   node verify-a-seal.mjs [--key public.pem] [--seal SESSION:K:SHA256]... FILE...      all files of the log, oldest first
//
// A line a problem, then a line a session. Ends with 1 when there is a problem, with 2 when there is nothing to check.
import { Buffer } from "node:buffer"
import { createHash, createPublicKey, verify } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import process from "node:process"

// Bytes stay what they are: latin1 has one character a byte.
const bytesOf = (text) => Buffer.from(text, "latin1")
const sha256 = (text) => createHash("sha256").update(bytesOf(text)).digest("hex")
const parse = (line) => {
  try {
    return JSON.parse(bytesOf(line).toString("utf8")) ?? {}
  } catch {
    return {}
  }
}

const paths = []
const known = []
let publicKey
for (let args = process.argv.slice(2); args.length > 0; ) {
  const arg = args.shift()
  if (arg === "--key") publicKey = createPublicKey(readFileSync(args.shift()))
  else if (arg === "--seal") {
    const [session, k, digest] = args.shift().split(":")
    known.push({ session, k: Number(k), sha256: digest })
  } else paths.push(arg)
}
const fingerprint = publicKey && sha256(publicKey.export({ type: "spki", format: "der" }).toString("latin1"))

let problems = 0
const problem = (where, text) => {
  problems += 1
  console.log(`PROBLEM ${where}: ${text}`)
}

/** By stream key: the seals of a session, and its stretches: lines behind the seal `after` of the same file. */
const sessions = new Map()

for (const path of paths) {
  const open = new Map()
  for (const [index, line] of readFileSync(path, "latin1")
    .split(/(?<=\n)/)
    .entries()) {
    const where = `${path}:${index + 1}`
    // 1. Whose line is it? The last 15 digits of its id say so, and the line's own `session` must agree.
    const [, key] = /([0-9a-f]{3}-[0-9a-f]{12})"\}\r?\n$/.exec(line) ?? []
    if (key === undefined) continue
    const value = parse(line)
    if (value.session !== key.replace("-", "").slice(0, 8))
      problem(where, "damaged, or of another session than it says")
    if (line.endsWith("\r\n")) problem(where, "an editor has changed the line's end")
    const session = sessions.get(key) ?? { seals: [], stretches: [], first: path, signed: 0 }
    sessions.set(key, session)
    if (!open.has(key)) open.set(key, { after: 0, skip: 0, lines: [], where })
    const stretch = open.get(key)
    if (value.category !== "seal" || value.seq !== undefined) {
      if (stretch.lines.push(line) > 1) continue
      stretch.where = where
      session.stretches.push(stretch)
      continue
    }
    // 2. Does the seal fit the lines before it? Their number, their bytes, their place, their file.
    const { k, skip, lines, file, replaced, prev, saw = [], sig } = value
    const left = stretch.lines.filter((one) => one.includes('"message":"[redacted]","redacted":true,')).length
    if (lines !== stretch.lines.length)
      problem(stretch.where, `seal ${k} covers ${lines} lines, and not ${stretch.lines.length}`)
    else if (value.sha256 !== sha256(stretch.lines.join("")) && left > 0)
      console.log(`NOTE ${stretch.where}: seal ${k} not provable, ${left} of ${lines} lines redacted`)
    else if (value.sha256 !== sha256(stretch.lines.join("")))
      problem(stretch.where, `the ${lines} lines from here on are not as seal ${k} covers them`)
    stretch.isClosed = true
    if (!replaced && skip !== stretch.skip)
      problem(where, `seal ${k} counts ${skip} lines before its stretch, not ${stretch.skip}`)
    if (!`/${path}`.endsWith(`/${file}`)) problem(where, `seal ${k} was written into ${file}`)
    // 3. Is it signed? The signature is over the line without the signature, newline included.
    if (fingerprint !== undefined && value.key === fingerprint) {
      const signed = bytesOf(line.replace(`,"sig":"${sig}"`, ""))
      if (verify(null, signed, publicKey, Buffer.from(String(sig), "base64url"))) session.signed += 1
      else problem(where, `the signature of seal ${k} is wrong`)
    }
    session.seals.push({ k, prev, replaced, sha256: sha256(line), where })
    for (const seen of saw) known.push(seen)
    open.set(key, { after: k, skip: skip + lines + 1, lines: [], where })
  }
}

// 4. Do the seals of a session follow each other, over all files? 5. Is more left unsealed than a log leaves?
for (const [key, { seals, stretches, first, signed }] of sessions) {
  seals.sort((one, other) => one.k - other.k)
  for (const [index, seal] of seals.entries()) {
    const before = seals[index - 1]
    if (before === undefined && seal.k > 1 && (first !== paths[0] || seal.replaced))
      problem(seal.where, `seals 1 to ${seal.k - 1} are missing`)
    else if (before !== undefined && seal.k !== before.k + 1)
      problem(seal.where, `seal ${seal.k} follows seal ${before.k}`)
    else if (before !== undefined && seal.prev !== before.sha256)
      problem(before.where, `not the seal that seal ${seal.k} follows`)
  }
  if (signed > 0 && signed < seals.length)
    problem(first, `${seals.length - signed} seals of ${key} are not signed`)
  const unsealed = stretches.filter(({ isClosed }) => !isClosed)
  for (const { lines, where } of unsealed) {
    const [from, to] = [parse(lines[0]), parse(lines.at(-1))].map(({ ts }) => Date.parse(ts))
    if (lines.length > 1000 || to - from > 10_000)
      problem(where, `${lines.length} lines under no seal are more than a log leaves`)
  }
  const state = signed > 0 ? "signed" : "not signed, or not with this key"
  const waiting = unsealed.reduce((sum, { lines }) => sum + lines.length, 0)
  console.log(`SESSION ${key}: ${seals.length} seals, ${state}; ${waiting} lines not sealed`)
}

// 6. What others know of a session must be here: a seal, and lines behind it. Unless its file is older than all of these.
const oldest = basename(paths[0] ?? "")
for (const { session, k, sha256: digest, tail, file } of known) {
  if (file !== undefined && file < oldest && !paths.some((path) => `/${path}`.endsWith(`/${file}`))) continue
  const found = [...sessions]
    .filter(([key]) => key.replace("-", "").startsWith(session))
    .map(([, one]) => one)
  if (k > 0 && !found.some(({ seals }) => seals.some((seal) => seal.k === k && seal.sha256 === digest)))
    problem(session, `its seal ${k} is known, and not here`)
  const holds = ({ after, lines }) =>
    after === k && sha256(lines.slice(0, tail.lines).join("")) === tail.sha256
  if (tail !== undefined && !found.some(({ stretches }) => stretches.some(holds)))
    problem(session, `${tail.lines} lines behind its seal ${k} are known, and not here`)
}
process.exitCode = problems > 0 ? 1 : sessions.size === 0 ? 2 : 0
