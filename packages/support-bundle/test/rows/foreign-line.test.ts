// The table of foreign heads, row by row: one line of each program as that program writes it, and the head that people see.
import { decodeLine } from "@daybook/core/lines"
import { describe, expect, it } from "vitest"
import { readForeign } from "../../src/rows/foreign-line.ts"

interface Case {
  readonly program: string
  readonly line: string
  readonly head: readonly [ts: string, level: string, category: string, message: string]
  readonly fields?: Readonly<Record<string, unknown>>
}

const ours =
  '{"ts":"2026-11-22T09:00:00.123Z","level":"warn","category":"upload","session":"1a2c3d4e","message":"m","time":1,"msg":"x","seq":1,"id":"01a2027b-d6fb-7000-81a2-c3d4e5f60718"}'

const cases: readonly Case[] = [
  {
    program: "Daybook",
    line: ours,
    head: ["2026-11-22T09:00:00.123Z", "warn", "upload", "m"],
    fields: { time: 1, msg: "x" }
  },
  {
    program: "S0.28 the log writer of a desktop application",
    line: '{"ts": "2026-11-22T09:00:00.123+00:00", "level": "WARNING", "category": "upload", "session": "1a2c3d4e", "message": "Uploaded a.csv", "filename": "a.csv"}',
    head: ["2026-11-22T09:00:00.123+00:00", "warn", "upload", "Uploaded a.csv"],
    fields: { filename: "a.csv" }
  },
  {
    program: "S0.28 the screens of that application",
    line: '{"ts": "2026-11-22T09:00:00.123+00:00", "level": "error", "category": "error", "session": "1a2c3d4e", "message": "a.csv: empty_after_repair", "filename": "a.csv", "outcome": "empty_after_repair"}',
    head: ["2026-11-22T09:00:00.123+00:00", "error", "error", "a.csv: empty_after_repair"],
    fields: { filename: "a.csv", outcome: "empty_after_repair" }
  },
  {
    program: "S0.28 S2.2 tool calls of agents",
    line: '{"ts": "2026-11-22T09:00:00.123456", "user": "ada", "engine": "vllm", "model": "qwen-3", "tool": "delete", "args": {"id": 7}, "status": "denied", "result_chars": 0, "result_snippet": ""}',
    head: ["2026-11-22T09:00:00.123456", "warn", "tool_call", "delete: denied"],
    fields: { user: "ada", tool: "delete", status: "denied", args: { id: 7 } }
  },
  {
    program: "S0.28 S3.11 rows of a memory service",
    line: '{"id": 5, "action": "recall", "transport": "mcp", "bank_id": "b-1", "started_at": "2026-11-22T09:00:00+00:00", "ended_at": "2026-11-22T09:00:01+00:00", "request": null, "response": null, "metadata": {}}',
    head: ["2026-11-22T09:00:00+00:00", "info", "operation", "recall"],
    fields: { action: "recall", transport: "mcp", started_at: "2026-11-22T09:00:00+00:00" }
  },
  {
    program: "S0.28 S4.4 a use in the old queue of a desktop application",
    line: '{"kind": "use_log", "ts": "2026-11-22 17:00:00", "user_name": "韩梅梅", "status": "failed", "prompt": "", "duration_ms": 12}',
    head: ["2026-11-22 17:00:00", "warn", "use_log", "韩梅梅: failed"],
    fields: { user_name: "韩梅梅", status: "failed", duration_ms: 12 }
  },
  {
    program: "S0.28 S4.5 a login in that queue, without a ts",
    line: '{"kind": "login_log", "user_name": "ada", "local_ip": "10.0.0.7", "login_time": "2026-11-22 09:00:01"}',
    head: ["2026-11-22 09:00:01", "info", "login_log", "ada signed in"],
    fields: { user_name: "ada", local_ip: "10.0.0.7", login_time: "2026-11-22 09:00:01" }
  },
  {
    program: "pino",
    line: '{"level":50,"time":1795338000125,"pid":14332,"hostname":"vm","name":"shop","err":{"type":"Error","message":"x"},"msg":"x failed"}',
    head: ["2026-11-22T09:00:00.125Z", "error", "shop", "x failed"],
    fields: { pid: 14332, hostname: "vm", err: { type: "Error", message: "x" } }
  },
  {
    program: "pino with times as text, and a level of its own between two",
    line: '{"level":35,"time":"2026-11-22T09:00:00.125Z","pid":1,"msg":"m"}',
    head: ["2026-11-22T09:00:00.125Z", "info", "", "m"],
    fields: { pid: 1 }
  },
  {
    program: "bunyan",
    line: '{"name":"shop","hostname":"vm","pid":1,"level":60,"msg":"gone","time":"2026-11-22T09:00:00.125Z","v":0}',
    head: ["2026-11-22T09:00:00.125Z", "fatal", "shop", "gone"]
  },
  {
    program: "evlog",
    line: '{"timestamp":"2026-11-22T09:00:00.978Z","level":"info","service":"shop","environment":"prod","tag":"cart","message":"added"}',
    head: ["2026-11-22T09:00:00.978Z", "info", "cart", "added"],
    fields: { service: "shop", environment: "prod" }
  },
  {
    program: "evlog, of a request that failed",
    line: '{"method":"GET","path":"/x","error":{"name":"Error","message":"bad"},"durationMs":2,"timestamp":"2026-11-22T09:00:00.981Z","level":"error","service":"shop","environment":"prod"}',
    head: ["2026-11-22T09:00:00.981Z", "error", "shop", "bad"],
    fields: { method: "GET", path: "/x" }
  },
  {
    program: "evlog, of a request",
    line: '{"method":"GET","path":"/x","status":200,"timestamp":"2026-11-22T09:00:00.981Z","level":"info","service":"shop","environment":"prod"}',
    head: ["2026-11-22T09:00:00.981Z", "info", "shop", "GET /x"]
  },
  {
    program: "winston",
    line: '{"a":1,"level":"silly","message":"hey","service":"s","timestamp":"2026-11-22T08:55:54.974Z"}',
    head: ["2026-11-22T08:55:54.974Z", "debug", "s", "hey"],
    fields: { a: 1, level: "silly" }
  },
  {
    program: "Python's logging as JSON",
    line: '{"asctime": "2026-11-22 09:00:00,125", "levelname": "CRITICAL", "name": "worker", "message": "out of memory", "lineno": 7}',
    head: ["2026-11-22 09:00:00,125", "fatal", "worker", "out of memory"],
    fields: { lineno: 7 }
  },
  {
    program: "Python's logging with its own attributes",
    line: '{"created": 1795338000.125, "levelno": 30, "levelname": "WARNING", "name": "worker", "msg": "slow"}',
    head: ["2026-11-22T09:00:00.125Z", "warn", "worker", "slow"]
  },
  {
    program: "structlog",
    line: '{"event": "order paid", "level": "warning", "timestamp": "2026-11-22T09:00:00Z", "logger": "orders"}',
    head: ["2026-11-22T09:00:00Z", "warn", "orders", "order paid"]
  },
  {
    program: "Elastic Common Schema, flat",
    line: '{"@timestamp":"2026-11-22T09:00:00Z","log.level":"error","message":"m","service.name":"shop"}',
    head: ["2026-11-22T09:00:00Z", "error", "shop", "m"]
  },
  {
    program: "Elastic Common Schema, nested",
    line: '{"@timestamp":"2026-11-22T09:00:00Z","log":{"level":"warn","logger":"orders"},"message":"m"}',
    head: ["2026-11-22T09:00:00Z", "warn", "orders", "m"]
  },
  {
    program: "OpenTelemetry",
    line: '{"timeUnixNano":"1795338000125000000","severityNumber":17,"severityText":"ERROR","eventName":"order.paid","body":{"stringValue":"m"}}',
    head: ["2026-11-22T09:00:00.125Z", "error", "order.paid", "m"]
  },
  {
    program: "a program that writes seconds and nothing else that is known",
    line: '{"time":1795338000,"a":1}',
    head: ["2026-11-22T09:00:00.000Z", "info", "", ""],
    fields: { a: 1 }
  }
]

describe("S0.28 S1.17 lines of other programs have the head that their program meant", () => {
  it.each(cases)("$program", ({ line, head, fields = {} }) => {
    const decoded = decodeLine(line)
    if ("damage" in decoded) throw new Error(decoded.damage)
    const event = readForeign(decoded)
    const { ts, level, category, message } = event.head
    expect([ts, level, category, message]).toEqual(head)
    expect(event.fields).toMatchObject(fields)
  })

  it("what the head has now is not shown twice, and nothing else is lost", () => {
    const decoded = decodeLine(cases[7]?.line ?? "")
    if ("damage" in decoded) throw new Error(decoded.damage)
    expect(Object.keys(readForeign(decoded).fields)).toEqual(["pid", "hostname", "err"])
  })

  it("lines of Daybook are the same object", () => {
    const decoded = decodeLine(ours)
    if ("damage" in decoded) throw new Error(decoded.damage)
    expect(readForeign(decoded)).toBe(decoded)
  })
})
