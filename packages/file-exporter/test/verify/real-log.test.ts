// From the door to the verdict: real logs on a real disk, closed and crashed, verified by what the package exports.
import { appendFileSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { describeReport, fileExporter, type NewSeal, readSealKey, verify } from "../../src/index.ts"
import { app, filesBelow, freshDir, noon } from "../tools/file-bench.ts"
import { privatePem, publicPem } from "../tools/seal-test-key.ts"
import { clockAt } from "../tools/test-clock.ts"

const runLog = async (dir: string, events: number, seals: NewSeal[] = []): Promise<void> => {
  const audit = createAuditLog({
    app,
    exitHook: false,
    exporters: [
      fileExporter({
        dir,
        seal: { key: readSealKey({ pem: privatePem }), anchor: (seal) => seals.push(seal) }
      })
    ]
  })
  audit.sessionStart()
  for (let number = 0; number < events; number++)
    audit.log("upload", `Uploaded größe-${number}.csv`, { number, text: '\u2028"}\n\\' })
  expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ complete: true })
}

const fileIn = (dir: string): string => join(dir, filesBelow(dir)[0] ?? "")

describe("a log with `seal: false`", () => {
  /** Two lines an hour apart, which no log with seals would leave without one. */
  const runUnsealed = async (dir: string): Promise<void> => {
    const clock = clockAt(noon)
    const exporters = [fileExporter({ dir, seal: false })]
    const audit = createAuditLog({ app, exporters, clock, exitHook: false })
    audit.sessionStart()
    clock.now += 3_600_000
    audit.log("upload", "an hour later")
    expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({ complete: true })
  }

  it("is unsealed and not robbed of its seals: its first line says so", async () => {
    const dir = freshDir()
    await runUnsealed(dir)
    const report = await verify({ app, dir })
    expect(report).toMatchObject({
      verdict: "unsealed",
      problems: [],
      notes: [{ kind: "unsealed", text: expect.stringContaining("the log seals nothing") }]
    })
    const file = fileIn(dir)
    writeFileSync(file, readFileSync(file, "utf8").replace(',"sealed":false', ""))
    expect(await verify({ app, dir })).toMatchObject({
      verdict: "broken",
      problems: [{ kind: "seals-missing" }]
    })
  })

  it("is not believed where one seal of it is here", async () => {
    const dir = freshDir()
    await runLog(dir, 2_500)
    const file = fileIn(dir)
    const lines = readFileSync(file, "utf8").split(/(?<=\n)/)
    const start = (lines[0] ?? "").replace('"log_file"', '"sealed":false,"log_file"')
    const robbed = lines.slice(1, 1_001).concat(lines.slice(1_001).filter((line) => !isSeal(line)))
    writeFileSync(file, [start, ...robbed].join(""))
    const { problems } = await verify({ app, dir })
    expect(problems.map(({ kind }) => kind)).toEqual(["edited", "seals-missing"])
  })
})

const isSeal = (line: string): boolean => line.includes('"category":"seal"')

describe("F120 real logs in one directory", () => {
  it("are signed, and anchored up to their last seals when those are known", async () => {
    const dir = freshDir()
    const seals: NewSeal[] = []
    await runLog(dir, 2_500, seals)
    await runLog(dir, 10, seals)
    const report = await verify({ app, dir, publicKey: publicPem })
    expect(report).toMatchObject({ verdict: "signed", problems: [], notes: [] })
    expect(report.sessions).toMatchObject([
      { lines: 2_502, unsealed: 0, ended: true },
      { lines: 12, unsealed: 0, ended: true }
    ])
    expect(describeReport(report)).toContain("SIGNED.")
    expect(await verify({ app, dir, anchors: seals })).toMatchObject({ verdict: "anchored" })
  })

  it("are found to be edited, cut, or rolled back", async () => {
    const dir = freshDir()
    const seals: NewSeal[] = []
    await runLog(dir, 5, seals)
    const file = fileIn(dir)
    const earlier = readFileSync(file)
    await runLog(dir, 5, seals)
    const later = readFileSync(file, "utf8")
    writeFileSync(file, later.replace("größe-3", "größe-4"))
    expect((await verify({ app, dir })).problems).toMatchObject([{ kind: "edited", line: 1 }])
    writeFileSync(
      file,
      later
        .split(/(?<=\n)/)
        .slice(6)
        .join("")
    )
    expect((await verify({ app, dir })).verdict).toBe("broken")
    writeFileSync(file, earlier)
    expect((await verify({ app, dir })).verdict).toBe("intact")
    expect((await verify({ app, dir, anchors: seals })).verdict).toBe("broken")
  })

  it("are signed beside what a crash of another one left: a fragment, which the next writer tells", async () => {
    const dir = freshDir()
    await runLog(dir, 5)
    appendFileSync(fileIn(dir), '{"ts":"2026-03-05T12:00:00.000Z","level":"info","cat')
    const look = () => verify({ app, dir, publicKey: publicPem })
    expect(await look()).toMatchObject({ verdict: "signed", notes: [{ kind: "unterminated" }] })
    await runLog(dir, 5)
    expect(await look()).toMatchObject({ verdict: "signed", notes: [{ kind: "torn" }] })
  })
})
