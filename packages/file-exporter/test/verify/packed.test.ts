// What verify says of days that another program packed: the same as of the files that they were.

import { readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync, gzipSync } from "node:zlib"
import { describe, expect, it } from "vitest"
import { verify } from "../../src/index.ts"
import { app, fileBench, freshDir, midnight, silentLog } from "../tools/file-bench.ts"
import { dayFile, today } from "../tools/old-days.ts"
import { pack } from "../tools/packing.ts"

const name = dayFile(today)

/** A closed session over two days. Returns its directory. */
const twoDays = async (): Promise<string> => {
  const dir = freshDir()
  const log = silentLog()
  const open = await fileBench({ dir, log }).openHeld()
  for (const from of [1, 1_001, 2_001]) await open.write(from, from + 999)
  log.atMs = midnight
  await open.write(3_001, 3_100, midnight)
  await open.close()
  return dir
}

const inShort = async (dir: string) => {
  const { verdict, problems, notes } = await verify({ app, dir })
  return {
    verdict,
    problems: problems.map(({ kind, file, line }) => ({ kind, file, line })),
    notes: notes.map(({ kind }) => kind)
  }
}

describe("a packed day", () => {
  it("is as intact as it was, and its bytes are those that were packed", async () => {
    const dir = await twoDays()
    const before = await verify({ app, dir })
    pack(join(dir, name))
    const after = await verify({ app, dir })
    expect(after.verdict).toBe("intact")
    expect(after.sessions).toEqual(
      before.sessions.map((session) => ({ ...session, firstFile: `${name}.gz` }))
    )
    expect(after.files[0]).toEqual({ ...before.files[0], file: `${name}.gz` })
    expect(after.problems).toEqual([])
    pack(join(dir, dayFile("2026-03-06")))
    expect((await verify({ app, dir })).verdict).toBe("intact")
  })

  it("F72 F120 that was changed before is found out, by its line", async () => {
    const dir = await twoDays()
    const path = join(dir, name)
    writeFileSync(path, readFileSync(path, "utf8").replace('"seq":1500,', '"seq":1499,'))
    const before = await inShort(dir)
    expect(before.verdict).toBe("broken")
    pack(path)
    const after = await inShort(dir)
    expect(after.problems).toEqual(before.problems.map((found) => ({ ...found, file: `${name}.gz` })))
  })

  it("F71 that was cut is a finding, and its verdict is broken", async () => {
    const dir = await twoDays()
    const path = pack(join(dir, name))
    writeFileSync(path, readFileSync(path).subarray(0, -20))
    const { verdict, problems } = await verify({ app, dir })
    expect(verdict).toBe("broken")
    expect(problems[0]).toMatchObject({
      kind: "unreadable",
      file: `${name}.gz`,
      text: "the file cannot be read: unexpected end of file (Z_BUF_ERROR)"
    })
  })

  it("is a note beside the file that was packed; lines that came late to it are behind it", async () => {
    const dir = await twoDays()
    const path = join(dir, name)
    const text = readFileSync(path)
    writeFileSync(`${path}.gz`, gzipSync(text))
    expect(await inShort(dir)).toEqual({ verdict: "intact", problems: [], notes: ["packed-copy"] })
    // The session's last seals of the day came behind the packing.
    const cut = text.indexOf('"seq":2001,')
    const from = text.lastIndexOf("\n", cut) + 1
    writeFileSync(`${path}.gz`, gzipSync(text.subarray(0, from)))
    writeFileSync(path, text.subarray(from))
    expect((await verify({ app, dir })).files.map(({ file }) => file)).toEqual([
      `${name}.gz`,
      name,
      dayFile("2026-03-06")
    ])
  })

  it("may be one that a rotation had moved aside", async () => {
    const dir = await twoDays()
    renameSync(join(dir, name), join(dir, `${name}.1`))
    const before = await inShort(dir)
    const path = pack(join(dir, `${name}.1`))
    expect(gunzipSync(readFileSync(path)).length).toBeGreaterThan(100_000)
    expect(await inShort(dir)).toEqual(before)
    expect(before.verdict).toBe("intact")
  })

  it("is reported as far as it is read, also where its packer has noted a wrong size", async () => {
    const dir = await twoDays()
    const path = pack(join(dir, name))
    // Of two members, the note at the end is the size of the second one.
    writeFileSync(path, Buffer.concat([readFileSync(path), gzipSync("")]))
    const seen: { bytesRead: number; bytesTotal: number }[] = []
    const { verdict } = await verify({ app, dir, onProgress: (progress) => void seen.push(progress) })
    expect(verdict).toBe("intact")
    for (const { bytesRead, bytesTotal } of seen) expect(bytesRead).toBeLessThanOrEqual(bytesTotal)
  })
})
