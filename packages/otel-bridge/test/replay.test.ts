// Old lines into an exporter: the lines that arrive are the lines of the source, byte by byte, through failures, early ends
// and resumptions. Most tests use core's exporter in memory; the last one uses a collector.
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createAuditLog, type Exporter } from "@daybook/core"
import { type ReplayPosition, type ReplayProgress, replay } from "@daybook/core/replay"
import { memoryExporter } from "@daybook/core/testing"
import * as Effect from "effect/Effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { otelExporter } from "../src/index.ts"
import { acknowledge, send, startCollector } from "./collector.ts"
import { heldClock } from "./held-clock.ts"
import { lineOf } from "./plain-record.ts"
import { notInstalled, startRotel } from "./rotel.ts"

const app = "datatools"
const encoder = new TextEncoder()

/** Lines of a real log, one a second from 09:00:00. */
const oldLines = async (count: number): Promise<readonly string[]> => {
  const memory = memoryExporter()
  const clock = heldClock()
  const audit = createAuditLog({ app, exporters: [memory], exitHook: false, clock })
  for (let n = 1; n <= count; n++) {
    audit.log("case", `event ${n}`, { n, text: "naïve 😀" })
    clock.now += 1_000
  }
  await audit.flush()
  return memory.lines
}

const file = (lines: readonly string[]): Uint8Array => encoder.encode(`${lines.join("\n")}\n`)

/** The bytes in pieces of `size`. */
function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** A program as the README shows it: its environment is its process's, and its notices are on stderr. */
const startProgram = (env: Readonly<Record<string, string>>, lines: readonly string[]) => {
  const program = `
    import { replay } from "@daybook/core/replay"
    import { otelExporter } from "@daybook/otel-bridge"
    const { sent, refused, complete } = await replay(process.stdin, otelExporter(), { app: "datatools" })
    process.send({ sent, refused, complete })`
  const args = ["--conditions=@daybook/source", "--input-type=module", "-e", program]
  const child = spawn(process.execPath, args, {
    cwd: import.meta.dirname,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["pipe", "ignore", "pipe", "ipc"]
  })
  onTestFinished(() => void child.kill("SIGKILL"))
  const told: string[] = []
  const looks = new Set<() => void>()
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    told.push(text)
    for (const look of looks) look()
  })
  child.stdin?.end(file(lines))
  return {
    result: once(child, "message").then(([result]) => result as unknown),
    told: () => told.join(""),
    untilTold: (text: string) =>
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (told.join("").includes(text)) resolve()
        }
        looks.add(look)
        look()
      })
  }
}

describe("a replay", () => {
  it.each([1, 7, 64, 1_000_000])(
    "of bytes in pieces of %i sends every line as it is, in order",
    async (size) => {
      const lines = await oldLines(100)
      const memory = memoryExporter({ queue: { batchEventsMax: 7 } })
      const result = await replay(pieces(file(lines), size), memory, { app })
      expect(memory.lines).toEqual(lines)
      const id = JSON.parse(lines.at(-1) ?? "").id
      expect(result).toEqual({
        complete: true,
        position: { bytes: file(lines).length, lines: 100, id },
        sent: 100,
        refused: 0,
        damaged: 0,
        skipped: 0
      })
      expect(memory.attempts.every((count) => count <= 7)).toBe(true)
    }
  )

  it("F74 sends lines as they were before an editor saved them", async () => {
    const lines = await oldLines(5)
    const edited = `\ufeff${lines.slice(0, 3).join("\r\n")}\r\n \t\r\n\ufeff${lines.slice(3).join("\r\n")}\r`
    for (const source of [encoder.encode(edited), edited.split("\n")]) {
      const memory = memoryExporter()
      expect(await replay(source, memory, { app })).toMatchObject({ complete: true, sent: 5, damaged: 0 })
      expect(memory.lines).toEqual(lines)
    }
  })

  it("S2.15 takes every form of time that the readers take", async () => {
    const times = [
      "2026-11-22T09:00:00,123456+00:00",
      "2026-11-22 09:00Z",
      "2026-11-22T11:00:00.5+0200",
      "2026-11-22T09:00:00+00"
    ]
    const lines = [
      ...times.map((ts) => JSON.stringify({ ts })),
      `{"ts":${Date.UTC(2026, 10, 22, 9) / 1_000}}`
    ]
    const memory = memoryExporter()
    const range = { from: Date.UTC(2026, 10, 22, 9), to: Date.UTC(2026, 10, 22, 9, 0, 1) }
    expect(await replay(lines, memory, { app, ...range })).toMatchObject({ sent: 5, skipped: 0 })
  })

  it("takes lines of text, and a last line without its newline", async () => {
    const lines = await oldLines(5)
    const [text, bytes] = [memoryExporter(), memoryExporter()]
    await replay(lines, text, { app })
    await replay(file(lines).subarray(0, -1), bytes, { app })
    expect([text.lines, bytes.lines]).toEqual([lines, lines])
  })

  it("counts damaged lines and passes over blank ones", async () => {
    const [one = "", two = "", three = ""] = await oldLines(3)
    const long = `{"text":"${"x".repeat(1024 * 1024)}"}`
    const source = [one, "", "{half", '"text"', "  ", two, long, "\u0000", three]
    const memory = memoryExporter()
    const result = await replay(file(source), memory, { app })
    expect(memory.lines).toEqual([one, two, three])
    expect(result).toMatchObject({ sent: 3, damaged: 4, skipped: 0, position: { lines: 9 }, complete: true })
  })

  it("sends what happened from … to …, and what the exporter accepts", async () => {
    const lines = await oldLines(60)
    const memory = memoryExporter({ accepts: ({ seq }) => seq % 2 === 1 })
    const at = (second: number): Date => new Date(Date.parse("2026-11-22T09:00:00Z") + 1_000 * second)
    const result = await replay(file(lines), memory, { app, from: at(10), to: at(20).getTime() })
    expect(memory.events.map(({ head }) => head.seq)).toEqual([11, 13, 15, 17, 19])
    expect(result).toMatchObject({ sent: 5, skipped: 55, complete: true })
  })

  it("that is dry counts the same and opens nothing", async () => {
    const memory = memoryExporter()
    const result = await replay(file(await oldLines(20)), memory, { app, dryRun: true })
    expect(result).toMatchObject({ sent: 20, complete: true, position: { lines: 20 } })
    expect([memory.opened, memory.attempts.length]).toEqual([0, 0])
  })

  it("ends where it is told to, and another goes on behind it: each line once, wherever the cut is", async () => {
    const lines = await oldLines(50)
    for (let stop = 1; stop <= 8; stop++) {
      const memory = memoryExporter({ queue: { batchEventsMax: 7 } })
      let resume: ReplayPosition | undefined
      let isComplete = false
      for (let runs = 0; !isComplete && runs < 60; runs++) {
        const ending = new AbortController()
        let batches = 0
        const onProgress = (): void => {
          batches += 1
          if (batches === stop) ending.abort()
        }
        const result = await replay(file(lines), memory, { app, resume, onProgress, signal: ending.signal })
        resume = JSON.parse(JSON.stringify(result.position))
        isComplete = result.complete
      }
      expect(isComplete).toBe(true)
      expect(memory.lines).toEqual(lines)
    }
  })

  it("refuses to go on in another source, or one that has become shorter", async () => {
    const lines = await oldLines(10)
    const memory = memoryExporter()
    const { position } = await replay(file(lines.slice(0, 5)), memory, { app })
    const others = await oldLines(10)
    await expect(replay(file(others), memory, { app, resume: position })).rejects.toThrow(
      "not in this source"
    )
    await expect(replay(file(lines.slice(0, 4)), memory, { app, resume: position })).rejects.toThrow(
      "not in this source"
    )
    expect(await replay(file(lines), memory, { app, resume: position })).toMatchObject({ sent: 5 })
    expect(memory.lines).toEqual(lines)
  })

  it.each(["fail", "unknown", "open", "die"] as const)(
    "tries again as long as the far end is broken (%s), with growing waits, and tells when that begins and ends",
    async (how) => {
      const lines = await oldLines(10)
      const memory = memoryExporter({ breakage: how })
      const clock = heldClock()
      const notices: string[] = []
      const replaying = replay(file(lines), memory, { app, clock, notice: (text) => notices.push(text) })
      for (const wait of [100, 200, 400, 800]) {
        // The export's own time limit has ended with it.
        await clock.asleepFor(wait, () => clock.sleeping[0] === wait)
        clock.advance(wait)
      }
      await clock.asleepFor(1_600, () => clock.sleeping[0] === 1_600)
      memory.heal()
      clock.advance(1_600)
      expect(await replaying).toMatchObject({ sent: 10, complete: true, lastError: expect.any(String) })
      expect([...new Set(memory.lines)]).toEqual(lines)
      expect(notices).toEqual([
        expect.stringMatching(
          /^\[daybook\] datatools: memory: .+; 10 lines waiting, retrying in the background$/
        ),
        "[daybook] datatools: memory: works again; 0 events were dropped meanwhile"
      ])
    }
  )

  it("tells the first refusal, once", async () => {
    const memory = memoryExporter({ breakage: "refuse", queue: { batchEventsMax: 4 } })
    const notices: string[] = []
    const notice = (line: string): void => void notices.push(line)
    const result = await replay(file(await oldLines(10)), memory, { app, notice })
    expect(result).toMatchObject({ sent: 0, refused: 10, complete: true })
    expect(notices).toEqual([
      expect.stringMatching(/^\[daybook\] datatools: memory: refused 4 events for good: /)
    ])
  })

  it("rejects when the environment switches its exporter off", async () => {
    const env = { OTEL_SDK_DISABLED: "true" }
    await expect(replay(file(await oldLines(3)), otelExporter(), { app, env })).rejects.toThrow(
      'the environment switches "otel" off'
    )
    const dry = { app, env, dryRun: true }
    expect(await replay(file(await oldLines(3)), otelExporter(), dry)).toMatchObject({ sent: 3 })
  })

  it("waits as long as a far end asks for", async () => {
    const collector = await startCollector()
    collector.answer(send(429, "", { "retry-after": "60" }), acknowledge)
    const clock = heldClock()
    const replaying = replay(file(await oldLines(3)), otelExporter({ url: collector.url }), { app, clock })
    await clock.asleepFor(60_000)
    clock.advance(72_000)
    expect(await replaying).toMatchObject({ sent: 3, complete: true })
    expect(collector.requests.length).toBe(2)
  })

  it("that is ended while it waits says where it is", async () => {
    const memory = memoryExporter({ breakage: "fail" })
    const [clock, ending] = [heldClock(), new AbortController()]
    const replaying = replay(file(await oldLines(10)), memory, { app, clock, signal: ending.signal })
    await clock.asleepFor(100)
    ending.abort()
    expect(await replaying).toMatchObject({
      complete: false,
      sent: 0,
      position: { bytes: 0, lines: 0, id: "" }
    })
  })

  it("leaves an exporter that hangs after its time limit, and tries again", async () => {
    const lines = await oldLines(3)
    const memory = memoryExporter({ breakage: "hang", exportTimeoutMs: 5_000 })
    const clock = heldClock()
    const replaying = replay(file(lines), memory, { app, clock })
    await clock.asleepFor(5_000)
    clock.advance(5_000)
    await clock.asleepFor(100, () => clock.sleeping[0] === 100)
    memory.heal()
    clock.advance(100)
    expect(await replaying).toMatchObject({ sent: 3, lastError: "no answer for 5000 ms" })
    expect(memory.lines).toEqual(lines)
  })

  it("counts what is refused for good, and goes on", async () => {
    const memory = memoryExporter({ breakage: "refuse", queue: { batchEventsMax: 4 } })
    const lines = await oldLines(10)
    const progress: ReplayProgress[] = []
    const result = await replay(file(lines), memory, {
      app,
      onProgress: (now) => {
        progress.push(now)
        memory.heal()
      }
    })
    expect(result).toMatchObject({ sent: 6, refused: 4, complete: true })
    expect(memory.lines).toEqual(lines.slice(4))
    expect(progress.map(({ position }) => position.lines)).toEqual([4, 8, 10])
  })

  it("keeps to its rate", async () => {
    const memory = memoryExporter()
    const clock = heldClock()
    const replaying = replay(file(await oldLines(10)), memory, { app, clock, rateMax: 4 })
    for (const [sent, waitMs] of [
      [0, 1_000],
      [4, 1_000],
      [8, 500]
    ] as const) {
      await clock.asleepFor(waitMs, () => memory.lines.length === sent)
      expect(clock.sleeping).toEqual([waitMs])
      clock.advance(waitMs)
    }
    expect(await replaying).toMatchObject({ sent: 10 })
    await expect(replay([], memory, { app, rateMax: 0 })).rejects.toThrow(TypeError)
  })

  it("gives a failing source's own error, and releases the exporter", async () => {
    const lines = await oldLines(2)
    const broken = async function* (): AsyncGenerator<string> {
      yield* lines
      throw new Error("the disk is gone")
    }
    const memory = memoryExporter({ queue: { batchEventsMax: 1 } })
    let released = 0
    const exporter: Exporter = {
      ...memory,
      open: (log) =>
        Effect.acquireRelease(memory.open(log), () =>
          Effect.sync(() => {
            released += 1
          })
        )
    }
    await expect(replay(broken(), exporter, { app })).rejects.toThrow("the disk is gone")
    expect([memory.lines.length, released]).toEqual([2, 1])
  })

  it("reads a source that uses one piece of memory again and again", async () => {
    const lines = await oldLines(20)
    const reused = new Uint8Array(50)
    const source = function* (): Generator<Uint8Array> {
      for (const piece of pieces(file(lines), reused.length)) {
        reused.set(piece)
        yield reused.subarray(0, piece.length)
      }
    }
    const memory = memoryExporter()
    await replay(source(), memory, { app })
    expect(memory.lines).toEqual(lines)
  })

  it("without options follows the host's environment, and tells the people on stderr", async () => {
    const collector = await startCollector()
    const { result, told } = startProgram(
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.replace("/v1/logs", ""),
        OTEL_EXPORTER_OTLP_HEADERS: "x-api-key=sesame",
        OTEL_EXPORTER_OTLP_PROTOCOL: "grpc"
      },
      await oldLines(5)
    )
    expect(await result).toEqual({ sent: 5, refused: 0, complete: true })
    expect(collector.records.map(({ attributes }) => attributes.n)).toEqual([1, 2, 3, 4, 5])
    expect(collector.requests[0]?.headers["x-api-key"]).toBe("sesame")
    expect(told()).toMatch(
      /^\[daybook\] datatools: otel: the variable OTEL_EXPORTER_OTLP_PROTOCOL is ignored/
    )
  })

  it("with nobody listening says so once, and that it works again", async (test) => {
    if (notInstalled !== undefined) return test.skip(notInstalled)
    const receiver = await startCollector()
    const rotel = await startRotel(receiver.url.replace("/v1/logs", ""))
    await rotel.kill()
    const endpoint = rotel.url.replace("/v1/logs", "")
    const program = startProgram({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint }, await oldLines(5))
    await program.untilTold("retrying in the background")
    await rotel.start()
    expect(await program.result).toEqual({ sent: 5, refused: 0, complete: true })
    await receiver.until(() => receiver.records.length >= 5)
    expect(program.told().trimEnd().split("\n")).toEqual([
      `[daybook] datatools: otel: Cannot export to "${rotel.url}": no connection (ECONNREFUSED); 5 lines waiting, retrying in the background`,
      "[daybook] datatools: otel: works again; 0 events were dropped meanwhile"
    ])
  })

  it("into a collector keeps times, ids, sessions and spans, and halves what is refused", async () => {
    const memory = memoryExporter()
    const span = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 }
    for (let session = 0; session < 3; session++) {
      const options = { app, exporters: [memory], exitHook: false, traceSource: () => span }
      const audit = createAuditLog({ ...options, clock: heldClock(1_000_000_000_000 + session) })
      for (let n = 0; n < 20; n++) audit.log("case", "event", { n, session })
      await audit.flush()
    }
    const collector = await startCollector()
    collector.answer((response, request) => {
      const isBad = request.records.some(({ attributes }) => attributes.n === 13)
      ;(isBad ? send(400) : acknowledge)(response, request)
    })
    const result = await replay(file(memory.lines), otelExporter({ url: collector.url }), { app })
    expect(result).toMatchObject({ sent: 57, refused: 3, complete: true })
    const wanted = memory.lines.filter((line) => !line.includes('"n":13,'))
    expect(collector.records.map((record) => lineOf(record, app))).toEqual(wanted)
    expect(new Set(collector.records.map(({ time }) => time.slice(0, 10)))).toEqual(new Set(["1000000000"]))
  })
})
