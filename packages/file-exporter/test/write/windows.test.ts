// The log on Windows, as far as it can be shown without one: on a simulated host, whose paths have drives and backslashes, whose
// modes and users mean nothing, and on which scanners lock files for a while. What a real Windows does was not tried.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { posix } from "node:path"
import process from "node:process"
import { createAuditLog } from "@daybook/core"
import * as Effect from "effect/Effect"
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { type FileExporterOptions, makeFileExporter } from "../../src/file-exporter.node.ts"
import { auditLogDir, readDay, verify } from "../../src/index.ts"
import { dayFilePath, stateDir, userFilePath } from "../../src/place/layout.node.ts"
import { noteText } from "../../src/state/retention-note.node.ts"
import { app, batchOf, linesOf, noon, numbersTo, type SilentLog, silentLog } from "../tools/file-bench.ts"
import { dayFile, daysBefore, noonOf, today } from "../tools/old-days.ts"
import { type FileLock, isWindowsName, placeOf, windowsDisk } from "../tools/windows-disk.ts"

const shared = vi.hoisted(() => ({ root: "" }))

// What the code asks of paths is answered as on Windows; this disk's own paths are made with `posix`.
vi.mock("node:path", async (original) => {
  const path = await original<typeof import("node:path")>()
  return { ...path.win32, default: path.win32, posix: path.posix, win32: path.win32 }
})
vi.mock("../../src/disk/read-layer.node.ts", async (original) => {
  const { nodeReadLayer } = await original<typeof import("../../src/disk/read-layer.node.ts")>()
  const { windowsReadLayer } = await import("../tools/windows-disk.ts")
  return { nodeReadLayer: windowsReadLayer(nodeReadLayer, () => shared.root) }
})

const dir = "C:\\Users\\ada\\.datatools\\logs"

beforeEach(() => {
  shared.root = mkdtempSync(posix.join(tmpdir(), "daybook-windows-"))
  const { root } = shared
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  vi.spyOn(process, "geteuid").mockReturnValue(-1)
  onTestFinished(() => void vi.restoreAllMocks())
})

/** Where a file of Windows is on this disk. */
const here = (path: string): string => placeOf(shared.root, path)

const seqsIn = (path: string): readonly number[] =>
  readFileSync(here(path), "utf8")
    .split("\n")
    .flatMap((line) => (line === "" ? [] : ((JSON.parse(line) as { seq?: number }).seq ?? [])))

const rowsOf = async (options: Parameters<typeof readDay>[0]): Promise<readonly string[]> => {
  const messages: string[] = []
  for await (const row of readDay(options)) messages.push("damage" in row ? row.damage : row.head.message)
  return messages
}

interface Bench {
  readonly log: SilentLog
  readonly disk: ReturnType<typeof windowsDisk>
  write(from: number, to: number): Promise<void>
  lastWrite(from: number, to: number): number
}

/** A log on such a disk. */
const bench = async (
  options: FileExporterOptions = {},
  log = silentLog(),
  lock?: FileLock
): Promise<Bench> => {
  const disk = windowsDisk(shared.root)
  if (lock !== undefined) disk.lock = lock
  const exporter = makeFileExporter(disk, { dir, ...options })
  const open = await Effect.runPromise(Effect.scoped(exporter.open(log)))
  return {
    log,
    disk,
    write: (from, to) => Effect.runPromise(open.export(batchOf(from, to))),
    lastWrite: (from, to) =>
      exporter.lastWrite?.(log, batchOf(from, to), { inFlight: false, deadlineMs: 10_000 }).written ??
      Number.NaN
  }
}

/** Another program holds what `isHeld` says, for so many looks. */
const heldFor = (
  looks: number,
  code: "EBUSY" | "EPERM" | "EACCES",
  isHeld: (operation: string, path: string) => boolean
): FileLock => {
  let left = looks
  return (operation, path) => (isHeld(operation, path) && left-- > 0 ? code : undefined)
}

describe("modes, users and paths of Windows", () => {
  it.each(["no user ids", "the user -1"])(
    "S0.33 with %s, files are written, sealed and synced without a false notice, and read and verified again",
    async (users) => {
      if (users === "no user ids") {
        const { geteuid } = process
        Object.assign(process, { geteuid: undefined })
        onTestFinished(() => void Object.assign(process, { geteuid }))
      }
      const told: string[] = []
      for (const [layout, readableBy] of [
        ["daily", "owner"],
        ["user", "owner"],
        ["session", "group"]
      ] as const) {
        const disk = windowsDisk(shared.root)
        const audit = createAuditLog({
          app,
          exporters: [makeFileExporter(disk, { dir, layout, readableBy, sync: "batch" })],
          exitHook: false,
          env: {},
          notice: (line) => void told.push(line)
        })
        audit.sessionStart()
        for (const user of ["ada", "CON", "b:ob "]) audit.log("load", `${layout} of ${user}`, { user })
        expect(await audit.flush()).toMatchObject({ complete: true, written: 4 })
        audit.log("load", "once more", { user: "ada" })
        expect(await audit.close()).toMatchObject({ complete: true, dropped: 0 })
        expect(disk.vain).toEqual([])
      }
      expect(told).toEqual([])
      expect(await rowsOf({ app, dir, day: new Date(), user: "CON" })).toEqual([
        "user of CON",
        "Sealed 1 line"
      ])
      expect(await rowsOf({ app, dir, day: new Date() })).toEqual(expect.arrayContaining(["daily of b:ob "]))
      const report = await verify({ app, dir })
      expect(report.problems).toEqual([])
      expect(report.verdict).toBe("intact")
    }
  )

  it("S0.33 the directory is below USERPROFILE, and may be named with either slash", async () => {
    const env = { USERPROFILE: "C:\\Users\\ada" }
    expect(auditLogDir({ app, env })).toEqual({ dir, source: "home" })
    const { write, log } = await bench({ dir: "C:/Users/ada/.datatools/logs", layout: "user" })
    await write(1, 3)
    expect(log.notices).toEqual([])
    expect(seqsIn(dayFilePath(dir, app, today))).toEqual(numbersTo(3))
  })

  it("S0.33 a link in the place of a user's folder is refused there too, with either slash", async () => {
    for (const given of [dir, "C:/Users/ada/.datatools/logs"]) {
      rmSync(here(dir), { recursive: true, force: true })
      mkdirSync(here(dir), { recursive: true })
      symlinkSync(shared.root, posix.join(here(dir), "ada"))
      const told: string[] = []
      const audit = createAuditLog({
        app,
        exporters: [makeFileExporter(windowsDisk(shared.root), { dir: given, layout: "user" })],
        exitHook: false,
        env: {},
        notice: (line) => void told.push(line)
      })
      audit.log("load", "one", { user: "ada" })
      await audit.close()
      expect(told).toEqual([expect.stringContaining("not a directory, or a link to one")])
      expect(existsSync(posix.join(shared.root, "tool_audit"))).toBe(false)
    }
  })

  it("S0.33 without a home the directory for temporary files is used, although every mode looks open there", async () => {
    const log = silentLog({ HOME: "", TEMP: "C:\\Windows\\Temp" })
    mkdirSync(here("C:\\Windows\\Temp"), { recursive: true })
    const { write, lastWrite } = await bench({ dir: undefined }, log)
    await write(1, 3)
    expect(lastWrite(4, 5)).toBe(2)
    expect(log.notices).toEqual([
      expect.stringMatching(/^No home directory found; logging to C:\\Windows\\Temp\\datatools-logs\./)
    ])
    expect(seqsIn(dayFilePath("C:\\Windows\\Temp\\datatools-logs", app, today))).toEqual(numbersTo(5))
  })
})

describe("names on Windows", () => {
  it("S0.33 no app, user or session makes a name that Windows forbids, or gives to a device", () => {
    const names = [
      "CON",
      "nul",
      "Aux.log",
      "com1",
      "LPT9.x",
      "prn",
      "a.",
      "a ",
      " ",
      ".",
      "..",
      "a:b",
      "a/b",
      "a\\b"
    ]
    const odd = ["<x>", 'a"b', "a|b", "what?", "*", "\u0000", "\n", "工具", "x".repeat(500), ""]
    for (const name of [...names, ...odd]) {
      for (const day of [today, "unknown"]) {
        const paths = [
          dayFilePath(dir, name, day),
          dayFilePath(dir, name, day, "1a2c3d4e"),
          userFilePath(dir, name, day)
        ]
        for (const path of [...paths, stateDir(dir, name)]) {
          expect(path.startsWith(`${dir}\\`)).toBe(true)
          for (const part of path.slice(dir.length + 1).split("\\"))
            expect([name, part, isWindowsName(part)]).toEqual([name, part, true])
        }
      }
    }
  })
})

describe("files that a scanner locks", () => {
  const isOpen = (operation: string, path: string): boolean =>
    operation === "openAppend" && path.endsWith(".jsonl")

  it.each(["EBUSY", "EPERM", "EACCES"] as const)(
    "S0.33 a short lock (%s) is waited out, without a notice or a loss",
    async (code) => {
      const { write, log, disk } = await bench()
      await write(1, 2)
      disk.lock = heldFor(5, code, isOpen)
      await write(3, 4)
      expect(disk.pauses).toEqual([10, 20, 40, 80, 160])
      expect(log.notices).toEqual([])
      expect(seqsIn(dayFilePath(dir, app, today))).toEqual(numbersTo(4))
    }
  )

  it("S0.33 a long lock makes one notice when it has lasted, one when it is over, and loses nothing", async () => {
    const disk = windowsDisk(shared.root)
    const told: string[] = []
    const audit = createAuditLog({
      app,
      exporters: [makeFileExporter(disk, { dir })],
      exitHook: false,
      env: {},
      notice: (line) => void told.push(line)
    })
    let isLocked = true
    disk.lock = (operation, path) => (isLocked && isOpen(operation, path) ? "EBUSY" : undefined)
    audit.log("load", "one")
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 1 })
    audit.log("load", "two")
    expect(await audit.flush()).toMatchObject({ complete: false, pending: 2 })
    // All that a lock is waited for, twice.
    expect(disk.pauses).toHaveLength(14)
    expect(told).toEqual([expect.stringContaining("it is busy (EBUSY)")])
    isLocked = false
    expect(await audit.close()).toMatchObject({ complete: true, written: 2, dropped: 0 })
    expect(told).toEqual([
      expect.stringContaining("EBUSY"),
      expect.stringContaining("works again; 0 events were dropped")
    ])
  })

  it("S0.33 the exit hook waits for a lock as well, for a shorter time", async () => {
    const { write, lastWrite, disk } = await bench()
    await write(1, 2)
    disk.lock = heldFor(
      3,
      "EPERM",
      (operation, path) => operation === "now.openAppend" && path.endsWith(".jsonl")
    )
    expect(lastWrite(3, 4)).toBe(2)
    expect(disk.pauses).toEqual([10, 20, 40])
    expect(seqsIn(dayFilePath(dir, app, today))).toEqual(numbersTo(4))
  })

  it("S0.33 retention leaves a file that is locked, says nothing, and takes it with the next start", async () => {
    const days = ["2025-11-29", "2025-11-30", ...daysBefore(2)]
    mkdirSync(here(stateDir(dir, app)), { recursive: true })
    for (const day of days)
      writeFileSync(here(`${dir}\\${dayFile(day)}`), linesOf(1, 1, noonOf(day), "0dd1e5e0"))
    const bytes = linesOf(1, 1, noon, "0dd1e5e0").length
    const seen = new Map(days.map((day) => [day, { bytes, since: day }]))
    writeFileSync(
      here(`${stateDir(dir, app)}\\retention.json`),
      noteText({ asked: new Map(), days: seen, held: new Map(), places: new Map(), gone: [] })
    )
    const isFirst = (operation: string, path: string): boolean =>
      operation === "remove" && path.endsWith(dayFile("2025-11-29"))
    const isNote = (operation: string): boolean => operation === "replace"
    const locks = [heldFor(9, "EPERM", isFirst), heldFor(2, "EACCES", isNote)]
    const old = (): readonly string[] => readdirSync(here(dir)).filter((name) => name.includes("-2025-"))
    const { log, disk } = await bench({}, silentLog(), (operation, path) =>
      locks.map((lock) => lock(operation, path)).find(Boolean)
    )
    expect(old()).toEqual([dayFile("2025-11-29")])
    // What sweeps keep for each other is put in its place all the same.
    expect(disk.pauses).toEqual([10, 20])
    expect(log.notices).toEqual([])
    const next = await bench()
    expect(old()).toEqual([])
    expect(next.log.notices).toEqual([])
  })
})
