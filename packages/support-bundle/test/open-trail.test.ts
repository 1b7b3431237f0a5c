// One door to a trail: what it came in makes no difference to its rows, and what is wrong with it is said.
import { appendFileSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { BlobWriter, TextReader, Uint8ArrayReader, ZipWriter } from "@zip.js/zip.js"
import { describe, expect, it } from "vitest"
import { type OpenTrail, openTrail, TrailError, type TrailRow, type TrailSource } from "../src/index.ts"
import { folderWith, lineAt, loggedFolder, messageOf, messagesOf } from "./tools/trail-folder.ts"

const zipOf = async (files: Readonly<Record<string, string | Uint8Array>>): Promise<Uint8Array> => {
  const zip = new ZipWriter(new BlobWriter())
  for (const [name, content] of Object.entries(files))
    await zip.add(name, typeof content === "string" ? new TextReader(content) : new Uint8ArrayReader(content))
  return new Uint8Array(await (await zip.close()).arrayBuffer())
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}

/** The same trail in everything that it may come in. */
const sourcesOf = async (dir: string, name: string): Promise<readonly (readonly [string, TrailSource])[]> => {
  const bytes = readFileSync(join(dir, name))
  const zip = await zipOf({ [`logs/${name}`]: bytes, "REPORT.txt": "no lines" })
  const place = folderWith({ "bundle.zip": zip, [`${name}.gz`]: gzipSync(bytes) })
  return [
    ["a folder", dir],
    ["a file", join(dir, name)],
    ["a zip", join(place, "bundle.zip")],
    ["a packed file", join(place, `${name}.gz`)],
    ["the bytes of a file", bytes],
    ["the bytes of a zip", zip],
    ["a pipe", pieces(bytes, 777)],
    ["a pipe with a zip in it", pieces(zip, 777)],
    ["a pipe with packed bytes in it", pieces(gzipSync(bytes), 777)]
  ]
}

describe("openTrail", () => {
  it("S1.17 gives the same rows of whatever the trail came in", async () => {
    const dir = await loggedFolder(2_000)
    const [name = ""] = readdirSync(dir).filter((one) => one.endsWith(".jsonl"))
    const lines = readFileSync(join(dir, name), "utf8")
      .split("\n")
      .filter((line) => line !== "" && !line.includes('"category":"seal"'))
    for (const [what, source] of await sourcesOf(dir, name)) {
      const trail = await openTrail(source)
      const rows: TrailRow[] = []
      for await (const row of trail.rows()) rows.push(row)
      const texts = rows.map((row) =>
        "damage" in row ? row.damage : new TextDecoder().decode(row.bytes).trimEnd()
      )
      expect(texts, what).toEqual(lines)
      await trail.close()
    }
  })

  it("F120 proves the same of whatever the trail came in, and finds the same change", async () => {
    const dir = await loggedFolder(200)
    const [name = ""] = readdirSync(dir).filter((one) => one.endsWith(".jsonl"))
    const verdicts = async (): Promise<readonly (readonly [string, string | undefined])[]> => {
      const found: (readonly [string, string | undefined])[] = []
      for (const [what, source] of await sourcesOf(dir, name)) {
        if (what.startsWith("a pipe")) continue
        const trail = await openTrail(source)
        found.push([what, (await trail.verify()).verdict])
        await trail.close()
      }
      return found
    }
    for (const [what, verdict] of await verdicts()) expect(verdict, what).toBe("intact")
    writeFileSync(join(dir, name), readFileSync(join(dir, name), "utf8").replace("event 77", "event 78"))
    for (const [what, verdict] of await verdicts()) expect(verdict, what).toBe("broken")
  })

  it("merges the files of a day by time, and gives the days in their order", async () => {
    const dir = folderWith({
      "shop-2026-11-22-1a2c3d4e.jsonl": [0, 3, 4, 9].map((n) => lineAt(n, `a${n}`)).join(""),
      "shop-2026-11-22-5b6c7d8e.jsonl": [1, 2, 5].map((n) => lineAt(n, `b${n}`)).join(""),
      "shop-2026-11-21.jsonl": lineAt(-50_000, "the day before"),
      "shop-2026-11-22.jsonl.1": lineAt(6, "moved aside"),
      "other.txt": "not of a log"
    })
    const trail = await openTrail(dir)
    expect(trail.app).toBe("shop")
    const all = ["the day before", "a0", "b1", "b2", "a3", "a4", "b5", "moved aside", "a9"]
    expect(await messagesOf(trail.rows())).toEqual(all)
    expect((await trail.newest(4)).map(messageOf)).toEqual(all.slice(-4))
    expect(await messagesOf(trail.rows({ session: "5b6c" }))).toEqual([])
  })

  it("the newest rows are the end of all rows, wherever the blocks of a file end", async () => {
    const long = "x".repeat(70_000)
    const lines = Array.from({ length: 60 }, (_, n) =>
      lineAt(n, `${n}`, n % 7 === 0 ? { long: long.slice(n) } : {})
    )
    lines.splice(20, 0, `${"y".repeat(1_200_000)}\n`, "{torn\n", "\n")
    const dir = folderWith({ "shop-2026-11-22.jsonl": `${lines.join("")}{"torn` })
    const trail = await openTrail(dir)
    const all = await messagesOf(trail.rows())
    expect(all.filter((message) => message.startsWith("("))).toEqual([
      "(too long)",
      "(not JSON)",
      "(unterminated)"
    ])
    for (let count = 1; count <= all.length + 1; count++)
      expect((await trail.newest(count)).map(messageOf)).toEqual(all.slice(-count))
    const errors = await trail.newest(5, { level: "error" })
    expect(errors.filter((row) => !("damage" in row))).toEqual([])
  })

  it("a last line without a newline is read when it is whole", async () => {
    const trail = await openTrail(new TextEncoder().encode('{"level":50,"time":1795338000125,"msg":"m"}'))
    expect(await messagesOf(trail.rows({ level: "error" }))).toEqual(["m"])
  })

  it("a packed copy beside its file is read once, and one with other lines as well", async () => {
    const copy = folderWith({
      "shop-2026-11-22.jsonl": lineAt(1, "a"),
      "shop-2026-11-22.jsonl.gz": gzipSync(lineAt(1, "a"))
    })
    expect(await messagesOf((await openTrail(copy)).rows())).toEqual(["a"])
    const late = folderWith({
      "shop-2026-11-22.jsonl": lineAt(2, "late"),
      "shop-2026-11-22.jsonl.gz": gzipSync(lineAt(1, "a"))
    })
    expect(await messagesOf((await openTrail(late)).rows())).toEqual(["a", "late"])
  })

  it("F71 a packed file that was cut is read up to the cut, and the rest is a row", async () => {
    const lines = Array.from({ length: 20_000 }, (_, n) => lineAt(n, `${n}`)).join("")
    const dir = folderWith({ "shop-2026-11-22.jsonl.gz": gzipSync(lines).subarray(0, -30) })
    const messages = await messagesOf((await openTrail(dir)).rows())
    expect(messages.at(-1)).toBe("(unreadable)")
    expect(messages.length).toBeGreaterThan(19_000)
    expect(messages.slice(0, 3)).toEqual(["0", "1", "2"])
  })

  it("users' days are one trail, and a user's name chooses", async () => {
    const dir = folderWith({
      "ada/tool_audit/2026-11-22.jsonl": lineAt(1, "of ada", { user: "ada" }),
      "bo/tool_audit/2026-11-22.jsonl": lineAt(2, "of bo", { user: "bo" })
    })
    const trail = await openTrail(dir)
    expect(await messagesOf(trail.rows())).toEqual(["of ada", "of bo"])
    expect(await messagesOf(trail.rows({ user: "bo" }))).toEqual(["of bo"])
    expect((await trail.verify()).verdict).toBeDefined()
    const one = await openTrail(join(dir, "ada/tool_audit/2026-11-22.jsonl"))
    expect(await messagesOf(one.rows())).toEqual(["of ada"])
  })

  it("filters by fields, by their path, and leaves seals out unless they are asked for", async () => {
    const dir = await loggedFolder(30)
    const trail = await openTrail(dir)
    expect(await messagesOf(trail.rows({ where: [["n", "7"]] }))).toEqual(["event 7"])
    expect(await messagesOf(trail.rows({ level: "error" }))).toEqual(["event 10", "event 20", "event 30"])
    expect(await messagesOf(trail.rows({ categories: ["seal"] }))).not.toEqual([])
    expect((await messagesOf(trail.rows())).filter((message) => /seal/i.test(message))).toEqual([])
    const args = folderWith({ "shop-2026-11-22.jsonl": lineAt(1, "a", { args: { path: "/etc" }, "x.y": 2 }) })
    const nested = await openTrail(args)
    expect(
      await messagesOf(
        nested.rows({
          where: [
            ["args.path", "/etc"],
            ["x.y", "2"]
          ]
        })
      )
    ).toEqual(["a"])
    expect(await messagesOf(nested.rows({ where: [["args.path", "/"]] }))).toEqual([])
  })

  it("says what is missing, and which apps there are", async () => {
    const kind = async (source: TrailSource, app?: string): Promise<unknown> =>
      openTrail(source, { app }).then(
        () => "open",
        (error: unknown) => (error instanceof TrailError ? [error.kind, ...error.apps] : error)
      )
    const two = folderWith({
      "shop-2026-11-22.jsonl": lineAt(1, "a"),
      "till-2026-11-22.jsonl": lineAt(1, "b")
    })
    expect(await kind(two)).toEqual(["several", "shop", "till"])
    expect(await kind(two, "till")).toBe("open")
    expect(await kind(two, "tilt")).toEqual(["missing", "shop", "till"])
    expect(await kind(folderWith({}))).toEqual(["missing"])
    expect(await kind(join(two, "none.jsonl"))).toEqual(["missing"])
    symlinkSync(join(two, "shop-2026-11-22.jsonl"), join(two, "link.jsonl"))
    expect(await kind(join(two, "link.jsonl"))).toMatchObject({ code: "ELOOP" })
  })

  it("F116 a zip whose names lead out of it, or that packs too well, is refused", async () => {
    const refused = async (files: Readonly<Record<string, string>>): Promise<string> =>
      openTrail(await zipOf(files)).then(
        () => "open",
        (error: Error) => error.message
      )
    expect(await refused({ "../shop-2026-11-22.jsonl": lineAt(1, "a") })).toMatch(/leads out of it|unsafe/i)
    expect(await refused({ "/etc/shop-2026-11-22.jsonl": lineAt(1, "a") })).toMatch(/leads out of it|unsafe/i)
    expect(await refused({ "logs/shop-2026-11-22.jsonl": "a".repeat(70 * 1024 * 1024) })).toMatch(/200 times/)
    expect(await refused({ "logs/shop-2026-11-22.jsonl": lineAt(1, "a") })).toBe("open")
    expect(await openTrail(new TextEncoder().encode("PK\u0003\u0004 no zip")).catch(({ kind }) => kind)).toBe(
      "refused"
    )
  })
})

describe("following one file", () => {
  const next = async (rows: AsyncIterator<TrailRow>): Promise<string> => {
    const { value } = await rows.next()
    return value === undefined ? "end" : messageOf(value)
  }
  const followed = async (
    path: string,
    filters = {}
  ): Promise<{ rows: AsyncIterator<TrailRow>; end: AbortController }> => {
    const trail: OpenTrail = await openTrail(path)
    const end = new AbortController()
    return { rows: trail.follow(filters, { signal: end.signal })[Symbol.asyncIterator](), end }
  }

  it("gives what is written, goes on with the file that takes the name, and ends with the signal", async () => {
    const dir = folderWith({ "service.log": '{"level":30,"time":1795338000125,"msg":"old"}\n' })
    const path = join(dir, "service.log")
    const { rows, end } = await followed(path, { level: "error" })
    const first = next(rows)
    appendFileSync(
      path,
      '{"level":30,"time":1795338000125,"msg":"info"}\n{"level":50,"time":1795338000125,"msg":"one"}\n'
    )
    expect(await first).toBe("one")
    renameSync(path, `${path}.1`)
    appendFileSync(`${path}.1`, '{"level":50,"time":1795338000125,"msg":"two"}\n')
    writeFileSync(path, '{"level":60,"time":1795338000125,"msg":"three"}\n')
    expect(await next(rows)).toBe("two")
    expect(await next(rows)).toBe("three")
    writeFileSync(path, '{"level":60,"time":1,"msg":"4"}\n')
    expect(await next(rows)).toBe("(truncated)")
    expect(await next(rows)).toBe("4")
    end.abort()
    expect(await next(rows)).toBe("end")
  })

  it("a zip does not grow", async () => {
    const dir = folderWith({ "a.zip": await zipOf({ "shop-2026-11-22.jsonl": lineAt(1, "a") }) })
    await expect(followed(join(dir, "a.zip"))).rejects.toMatchObject({ kind: "refused" })
  })
})
