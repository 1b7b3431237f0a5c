// What a log records at all: the switch and the environment that overrules it, the allow-list, the least level, the
// probes, the trace on stderr, and the logs that record nothing.
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { AuditLog } from "../../src/api/audit-log-service.ts"
import { disabledAuditLog } from "../../src/api/disabled-audit-log.ts"
import { OperationTimed } from "../../src/catalogue/index.ts"
import type { AuditLogOptions } from "../../src/log/options.ts"
import { memoryExporter } from "../../src/testing/index.ts"

type Options = Omit<AuditLogOptions<readonly []>, "app" | "exporters">

const makeLog = (options: Options = {}) => {
  const exporter = memoryExporter()
  const told: string[] = []
  const audit = createAuditLog({
    app: "data-tools",
    exporters: [exporter],
    exitHook: false,
    env: {},
    notice: (line) => void told.push(line),
    ...options
  })
  const useAll = async () => {
    audit.sessionStart()
    audit.log("upload", "one")
    audit.pageOpen("A")
    audit.exception("here", new Error("x"))
    return audit.flush()
  }
  const categories = () => exporter.events.map(({ head }) => head.category)
  return { audit, exporter, told, useAll, categories }
}

const actionOf = (origin: unknown): unknown => (origin as { readonly action?: unknown } | undefined)?.action

describe("the switch", () => {
  it("S0.15 off by option: no call does anything, not even opening the exporter", async () => {
    const { useAll, exporter, audit } = makeLog({ enabled: false })
    expect(await useAll()).toMatchObject({ complete: true, accepted: 0, written: 0, pending: 0 })
    expect(await audit.close()).toMatchObject({ complete: true, accepted: 0 })
    expect(exporter.opened).toBe(0)
  })

  it("S0.15 <APP>_AUDIT_ENABLED=1, true, yes or on forces it on, =0, false, no or off off; anything else is ignored, with a notice", async () => {
    const cases = [
      ["1", false, 4],
      ["0", true, 0],
      ["yes", false, 4],
      ["TRUE", false, 4],
      [" on ", false, 4],
      ["false", true, 0],
      ["off", true, 0],
      ["No", true, 0],
      ["0\r", true, 0],
      ["1\r\n", false, 4],
      ["", true, 4]
    ] as const
    for (const [value, enabled, written] of cases) {
      const { useAll, told } = makeLog({ enabled, env: { DATA_TOOLS_AUDIT_ENABLED: value } })
      expect(await useAll(), value).toMatchObject({ written })
      expect(told).toEqual([])
    }
    const unclear = makeLog({ env: { DATA_TOOLS_AUDIT_ENABLED: "maybe", DATA_TOOLS_AUDIT_PROBE: "nop" } })
    expect(await unclear.useAll()).toMatchObject({ written: 4 })
    expect(unclear.told).toEqual([
      "[daybook] data-tools: DATA_TOOLS_AUDIT_ENABLED is ignored: it must be one of 1, true, yes, on, 0, false, no, off",
      "[daybook] data-tools: DATA_TOOLS_AUDIT_PROBE is ignored: it must be one of full, noop, no-events, no-page-open, no-session-start"
    ])
  })

  it("S0.25 flush of a log that is off, or has recorded nothing, answers at once and starts nothing", async () => {
    const { audit, exporter } = makeLog()
    expect(await audit.flush({ timeoutMs: 0 })).toMatchObject({
      complete: true,
      exporters: [{ name: "memory", pending: 0 }]
    })
    expect(exporter.opened).toBe(0)
  })
})

describe("the allow-list and the least level", () => {
  it("S3.6 all, nothing, or a list; session lines always", async () => {
    const cases = [
      ["all", ["session", "upload", "nav", "error"]],
      [[], ["session"]],
      [
        ["nav", "upload"],
        ["session", "upload", "nav"]
      ]
    ] as const
    for (const [allow, expected] of cases) {
      const { useAll, categories, audit } = makeLog({ allow })
      await useAll()
      expect(categories()).toEqual(expected)
      expect(audit.isEnabled("upload")).toBe(allow === "all" || allow.includes("upload" as never))
    }
  })

  it("S3.6 S3.7 one rule for timed and for entries made by hand: an operation is listed by its action", async () => {
    const { audit, exporter } = makeLog({ allow: ["retain", "Recall", "upload"] })
    const actions = ["retain", "recall", "RECALL", "forget", "operation"]
    for (const action of actions) {
      await audit.timed(action, {}, () => 1)
      audit.log(OperationTimed({ action }))
      audit.log("operation", "untyped", { action })
      audit.relay({ category: "operation", message: "relayed", action })
    }
    audit.log("operation", "without an action")
    audit.log("upload", "another event")
    await audit.flush()
    const recorded = exporter.events.map(
      ({ head, fields }) => fields.action ?? actionOf(head.origin) ?? head.message
    )
    const four = (action: string) => [action, action, action, action]
    expect(recorded).toEqual([...four("retain"), ...four("recall"), ...four("RECALL"), "another event"])
    expect(actions.map((action) => audit.isEnabled(action))).toEqual([true, true, true, false, false])
  })

  it("S3.6 the name of the category operation does not let every action pass", async () => {
    const { audit, exporter } = makeLog({ allow: ["operation"] })
    await audit.timed("recall", {}, () => 1)
    audit.log(OperationTimed({ action: "recall" }))
    audit.log("operation", "without an action")
    await audit.flush()
    expect(exporter.events.map(({ head }) => head.message)).toEqual(["without an action"])
    expect([audit.isEnabled("recall"), audit.isEnabled("operation")]).toEqual([false, true])
  })

  it("S0.31 S3.6 a list has names in any letter case and of any script, as the calls have", async () => {
    const { audit, categories } = makeLog({ allow: ["Upload", "工具"] })
    for (const name of ["upload", "UPLOAD", "工具", "nav"]) {
      audit.log(name, "m")
      expect(audit.isEnabled(name)).toBe(name !== "nav")
    }
    await audit.flush()
    expect(categories()).toEqual(["upload", "upload", "工具"])
  })

  it("what is not recorded takes no seq and is not counted: a filter is no hole", async () => {
    const { audit, exporter } = makeLog({ level: "warn" })
    audit.log("a", "quiet")
    audit.log("a", "loud", undefined, { level: "error" })
    audit.log("a", "quiet", undefined, { level: "info" })
    audit.log("a", "loud", undefined, { level: "warn" })
    expect(await audit.flush()).toMatchObject({ accepted: 2, written: 2 })
    expect(exporter.events.map(({ head }) => head.seq)).toEqual([1, 2])
  })

  it("may be changed while the log runs, and the change is itself an event", async () => {
    const { audit, exporter, categories } = makeLog({ allow: ["upload"] })
    audit.log("nav", "not yet")
    audit.setRecording({ allow: ["nav"], level: "info" })
    audit.log("upload", "no more")
    audit.log("nav", "now")
    await audit.flush()
    expect(categories()).toEqual(["session", "nav"])
    expect(exporter.events[0]).toMatchObject({
      head: { message: "Recording rules changed" },
      fields: { allow: ["nav"], level_min: "info", allow_before: ["upload"], level_min_before: "debug" }
    })
  })
})

describe("rules that are none", () => {
  it("fail at once where a log is made, and say what to give", () => {
    expect(() => makeLog({ allow: "upload" as never })).toThrow(
      'option "allow" must be "all" or a list of actions and categories'
    )
    expect(() => makeLog({ level: "loud" as never })).toThrow(
      'option "level" must be "debug", "info", "warn", "error" or "fatal", not a text'
    )
  })

  it("change nothing in a log that runs, and nothing throws", async () => {
    const { audit, categories } = makeLog({ allow: ["upload"], level: "info" })
    const change = audit.setRecording as (rules: unknown) => void
    for (const rules of [undefined, null, 7, { allow: 5, level: "loud" }, { allow: "nav" }]) change(rules)
    audit.log("upload", "still")
    audit.log("nav", "still not")
    await audit.flush()
    expect(categories().filter((category) => category !== "session")).toEqual(["upload"])
  })
})

describe("probes and trace", () => {
  it("S0.17 a probe takes a part of the producer's path away, in any letter case", async () => {
    const cases = [
      ["full", 4],
      ["", 4],
      ["unknown", 4],
      ["NOOP", 0],
      ["No-Events", 0],
      ["no-page-open", 3],
      [" no-session-start ", 3]
    ] as const
    for (const [probe, written] of cases) {
      const { useAll, exporter } = makeLog({ env: { DATA_TOOLS_AUDIT_PROBE: probe } })
      expect([probe, (await useAll()).written]).toEqual([probe, written])
      expect(exporter.opened).toBe(written === 0 ? 0 : 1)
    }
  })

  it("S0.16 S0.17 a call that a probe, the switch or the rules skip is seen in the trace, without what it logs", async () => {
    const trace = { DATA_TOOLS_AUDIT_TRACE: "1" }
    const skippedWith = async (options: Options) => {
      const { useAll, audit, told } = makeLog(options)
      await useAll()
      audit.setRecording({ level: "info" })
      expect(told.join()).not.toContain("one")
      return told.filter((line) => line.startsWith("[audit] skip ")).map((line) => line.slice(13))
    }
    const all = (by: string) => [
      `call=session-start by=${by}`,
      `call=event by=${by}`,
      `call=page-open by=${by}`,
      `call=event by=${by}`,
      `category=session level=info by=${by}`
    ]
    for (const probe of ["noop", "no-events"])
      expect(await skippedWith({ env: { ...trace, DATA_TOOLS_AUDIT_PROBE: probe } })).toEqual(all(probe))
    expect(await skippedWith({ env: trace, enabled: false })).toEqual(all("switch"))
    expect(await skippedWith({ env: { ...trace, DATA_TOOLS_AUDIT_PROBE: "no-page-open" } })).toEqual([
      "call=page-open by=no-page-open"
    ])
    expect(await skippedWith({ env: trace, allow: ["nav", "error"] })).toEqual([
      "category=upload level=info by=rules"
    ])
  })

  it("S0.16 <APP>_AUDIT_TRACE=1 tells each step as [audit] what key=value; otherwise there is no output at all", async () => {
    const silent = makeLog()
    await silent.useAll()
    expect(silent.told).toEqual([])
    const traced = makeLog({ env: { DATA_TOOLS_AUDIT_TRACE: "1" } })
    await traced.useAll()
    await traced.audit.close()
    const step = /^\[audit\] ([a-z]+(?: [a-z]+)*)(?: [a-z_]+=(?:[^\s"]+|"(?:[^"\\]|\\.)*"))+$/
    expect(traced.told.map((line) => step.exec(line)?.[1] ?? line)).toEqual([
      ...["start", "record", "writer start", "record", "record", "record"],
      ...["flush", "wake", "export", "wrote"],
      // The session's end.
      ...["record", "close", "wake", "export", "wrote", "writer end"]
    ])
    expect(traced.told).toContain("[audit] wake exporter=memory events=4")
  })

  it("S0.16 an export that fails is traced each time, although the notices say it once", async () => {
    const { audit, exporter, told } = makeLog({ env: { DATA_TOOLS_AUDIT_TRACE: "1" } })
    exporter.break("fail")
    audit.log("upload", "one")
    await audit.flush()
    await audit.flush()
    const failed = told.filter((line) => line.startsWith("[audit] failed"))
    expect(failed.length).toBeGreaterThanOrEqual(2)
    expect(failed[0]).toMatch(/^\[audit\] failed exporter=memory state=degraded why="/)
    expect(told.filter((line) => line.startsWith("[daybook]"))).toHaveLength(1)
    exporter.heal()
    await audit.close()
  })

  it("S0.16 tracing never throws", async () => {
    const notice = (): void => {
      throw new Error("stderr is gone")
    }
    const { useAll } = makeLog({ env: { DATA_TOOLS_AUDIT_TRACE: "1" }, notice })
    expect(await useAll()).toMatchObject({ written: 4 })
  })
})

describe("a log that records nothing, said out loud", () => {
  it("S3.16 disabledAuditLog answers every method", async () => {
    const audit = disabledAuditLog
    audit.sessionStart()
    audit.log("a", "b")
    audit.pageOpen("A")
    audit.exception("here", new Error("x"))
    audit.setRecording({ allow: "all" })
    await audit.room()
    expect([audit.hasRoom(), audit.isEnabled("a"), audit.health().exporters]).toEqual([true, false, []])
    expect(await audit.flush()).toMatchObject({ complete: true, accepted: 0 })
    expect(await audit.close()).toMatchObject({ complete: true, accepted: 0 })
    audit.onHealth(() => undefined)()
  })

  it.effect("S3.16 AuditLog.layerDisabled", () =>
    Effect.gen(function* () {
      const audit = yield* AuditLog
      yield* audit.log("a", "b")
      expect(yield* audit.flush()).toMatchObject({ complete: true, accepted: 0 })
      expect(yield* audit.isEnabled("a")).toBe(false)
    }).pipe(Effect.provide(AuditLog.layerDisabled))
  )
})
