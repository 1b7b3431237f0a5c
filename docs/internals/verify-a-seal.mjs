// Checks the seals in daily files of Daybook with nothing but Node, for those who would rather not believe the library
// about itself. Written from seal.md and sharing no code with what seals. Reads whole files into memory.
//
//   node verify-a-seal.mjs [--key public.pem]... [--seal SESSION:K:SHA256]... FILE...      all files of the log, oldest first
//
// A line a problem, then a line a session. Ends with 1 when there is a problem, or a session that is not signed where keys are
// given, and with 2 when there is nothing to check.
import { Buffer } from "node:buffer"
import { createHash, createPublicKey, verify } from "node:crypto"
import { readFileSync } from "node:fs"
import { basename } from "node:path"
import process from "node:process"

// Bytes stay what they are: latin1 has one character a byte.
const bytesOf = (text) => Buffer.from(text, "latin1")
const sha256 = (text) => createHash("sha256").update(bytesOf(text)).digest("hex")

/** Which blocks of 16 lines a digest over leaves proves; `undefined` where it does not fit them. */
const proof = (lines, digest, entries) => {
  const bare = new Set()
  let leaves = ""
  for (const [index, entry] of entries.entries()) {
    const block = sha256(lines.slice(16 * index, 16 * index + 16).join(""))
    // A salt that was taken away has left the leaf itself.
    if (entry.length === 64) bare.add(index)
    leaves += entry.length === 64 ? entry : sha256(entry.slice(0, 18) + block)
  }
  return entries.length === Math.ceil(lines.length / 16) && sha256(leaves) === digest ? { bare } : undefined
}
const leavesOf = (lines) => Math.ceil(lines / 16)
const parse = (line) => {
  try {
    return JSON.parse(bytesOf(line).toString("utf8")) ?? {}
  } catch {
    return {}
  }
}

const paths = []
const known = []
const publicKeys = new Map()
for (let args = process.argv.slice(2); args.length > 0; ) {
  const arg = args.shift()
  if (arg === "--key") {
    const key = createPublicKey(readFileSync(args.shift()))
    publicKeys.set(sha256(key.export({ type: "spki", format: "der" }).toString("latin1")), key)
  } else if (arg === "--seal") {
    const [session, k, digest] = args.shift().split(":")
    known.push({ session, k: Number(k), sha256: digest })
  } else paths.push(arg)
}

// What stands on lines may be made to look like a report.
const say = (text) => console.log(text.replace(/[^\x20-\x7e]/g, "?"))
let problems = 0
const problem = (where, text) => {
  problems += 1
  say(`PROBLEM ${where}: ${text}`)
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
    const session = sessions.get(key) ?? { seals: [], stretches: [], first: path, keys: new Set(), signed: 0 }
    sessions.set(key, session)
    if (!open.has(key)) open.set(key, { after: 0, skip: 0, lines: [], where, path })
    const stretch = open.get(key)
    if (value.category !== "seal" || value.seq !== undefined) {
      if (stretch.lines.push(line) > 1) continue
      stretch.where = where
      session.stretches.push(stretch)
      continue
    }
    // 2. Does the seal fit the lines before it? Their number, their bytes, their place, their file. What lost its salt is not
    // proved, and must say that it was redacted.
    const { k, skip, lines, file, replaced, prev, saw = [], sig, salts = [], closed } = value
    const entries = salts.slice(0, leavesOf(lines))
    const fits = proof(stretch.lines, value.sha256, entries)
    if (lines !== stretch.lines.length)
      problem(stretch.where, `seal ${k} covers ${lines} lines, and not ${stretch.lines.length}`)
    else if (fits === undefined)
      problem(stretch.where, `the ${lines} lines from here on are not as seal ${k} covers them`)
    for (const block of fits?.bare ?? []) {
      const some = stretch.lines.slice(16 * block, 16 * block + 16).map(parse)
      if (some.some(({ redacted, seq }) => redacted?.length > 0 && seq > 0))
        console.log(
          `NOTE ${stretch.where}: ${some.length} of ${lines} lines of seal ${k} are not proved: redacted`
        )
      else
        problem(stretch.where, `seal ${k} has no salt for block ${block + 1}, and no line of it is redacted`)
    }
    stretch.isClosed = true
    if (session.isEnded) problem(where, `seal ${k} stands behind the one that closed the session`)
    session.isEnded ||= closed === true && fits !== undefined
    if (!replaced && skip !== stretch.skip)
      problem(where, `seal ${k} counts ${skip} lines before its stretch, not ${stretch.skip}`)
    if (!`/${path}`.endsWith(`/${file}`)) problem(where, `seal ${k} was written into ${JSON.stringify(file)}`)
    // 3. Is it signed? The signature is over the line without the signature and the salts, newline included.
    const base = line.replace(`,"salts":${JSON.stringify(salts)},"id":"`, ',"id":"')
    const publicKey = publicKeys.get(value.key)
    const signed = bytesOf(base.replace(`,"sig":"${sig}","id":"`, ',"id":"'))
    if (publicKey === undefined) session.keys.add("")
    else if (verify(null, signed, publicKey, Buffer.from(String(sig), "base64url"))) {
      session.signed += 1
      session.keys.add(value.key)
    } else problem(where, `the signature of seal ${k} is wrong`)
    session.seals.push({ k, prev, replaced, sha256: sha256(base), where, path })
    // Where keys are given, nothing that is not signed with one of them says what must be here.
    let at = entries.length
    for (const seen of saw) {
      const next = at + leavesOf(seen.tail?.lines ?? 0)
      if (publicKeys.size === 0 || session.signed > 0) known.push({ ...seen, entries: salts.slice(at, next) })
      at = next
    }
    open.set(key, { after: k, skip: skip + lines + 1, lines: [], where, path })
  }
}

// 4. Do the seals of a session follow each other, over all files? 5. Is more left unsealed than a log leaves?
for (const [key, { seals, stretches, first, signed, keys, isEnded }] of sessions) {
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
  for (const { lines, where, path } of unsealed) {
    const [from, to] = [parse(lines[0]), parse(lines.at(-1))].map(({ ts }) => Date.parse(ts))
    if (isEnded && !seals.some((seal) => seal.replaced && seal.path === path))
      problem(where, `${lines.length} lines behind the seal that closed the session`)
    if (lines.length > 1000 || to - from > 10_000)
      problem(where, `${lines.length} lines under no seal are more than a log leaves`)
  }
  const isSigned = signed > 0 && keys.size === 1
  sessions.get(key).isSigned = isSigned
  const state = isSigned ? "signed" : "not signed, or not with one given key"
  const waiting = unsealed.reduce((sum, { lines }) => sum + lines.length, 0)
  say(`SESSION ${key}: ${seals.length} seals, ${state}; ${waiting} lines not sealed`)
}

// 6. What others know of a session must be here: a seal, and lines behind it. Unless its file is older than all of these.
const oldest = basename(paths[0] ?? "")
for (const { session, k, sha256: digest, tail, file, entries } of known) {
  if (file !== undefined && file < oldest && !paths.some((path) => `/${path}`.endsWith(`/${file}`))) continue
  const found = [...sessions]
    .filter(([key]) => key.replace("-", "").startsWith(session))
    .map(([, one]) => one)
  if (k > 0 && !found.some(({ seals }) => seals.some((seal) => seal.k === k && seal.sha256 === digest)))
    problem(session, `its seal ${k} is known, and not here`)
  const holds = ({ after, lines }) =>
    after === k &&
    lines.length >= tail.lines &&
    proof(lines.slice(0, tail.lines), tail.sha256, entries) !== undefined
  // A session without seals is worth as much as the one that has seen its lines.
  for (const one of found)
    one.isHeld ||= tail !== undefined && one.seals.length === 0 && one.stretches.some(holds)
  if (tail !== undefined && !found.some(({ stretches }) => stretches.some(holds)))
    problem(session, `${tail.lines} lines behind its seal ${k} are known, and not here`)
}
const unsigned =
  publicKeys.size === 0 ? 0 : [...sessions.values()].filter((one) => !one.isSigned && !one.isHeld).length
process.exitCode = problems + unsigned > 0 ? 1 : sessions.size === 0 ? 2 : 0
