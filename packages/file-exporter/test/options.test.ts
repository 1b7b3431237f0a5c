// Options of plain JavaScript: a value or a name that is wrong is an error at once, which says what was meant, and never a
// default in silence.
import { describe, expect, it } from "vitest"
import {
  auditLogDir,
  fileExporter,
  follow,
  readDay,
  readRecent,
  readRecentAllUsers,
  verify
} from "../src/index.ts"

const app = "datatools"
const dir = "/srv/logs"

type Call = (options: never) => unknown

const refuses = (call: Call, options: unknown, text: string): void => {
  const made = (): unknown => call(options as never)
  expect(made).toThrow(TypeError)
  expect(made).toThrow(text)
}

describe("the options of a file exporter", () => {
  it.each<[unknown, string]>([
    [{ sync: "always" }, 'fileExporter: option "sync" must be "none", "interval" or "batch", not a text'],
    [{ layout: "sesion" }, 'fileExporter: option "layout" must be "daily", "session" or "user", not a text'],
    [
      { retentionDays: "30" },
      'option "retentionDays" must be a number of days from 0 on, or Infinity, not a text'
    ],
    [{ retentionDays: Number.NaN }, 'option "retentionDays" must be a number of days'],
    [{ retentionDays: -1 }, 'option "retentionDays" must be a number of days'],
    [{ retentiondays: 30 }, 'there is no option "retentiondays"; did you mean "retentionDays"?'],
    [{ directory: dir }, 'there is no option "directory"; the options are dir,'],
    [{ seals: false }, 'there is no option "seals"; did you mean "seal"?'],
    [{ seal: true }, 'option "seal" must be false, or an object'],
    [{ seal: { anchr: () => undefined } }, 'there is no option "seal.anchr"; did you mean "seal.anchor"?'],
    [{ seal: { anchor: "mail" } }, 'option "seal.anchor" must be a function'],
    [{ queue: { eventsmax: 5 } }, 'there is no option "queue.eventsmax"; did you mean "queue.eventsMax"?'],
    [{ queue: { overflow: "drop" } }, 'option "queue.overflow" must be "drop-newest" or "drop-oldest"'],
    [{ queue: { eventsMax: 0 } }, 'option "queue.eventsMax" must be a number of events from 1 on'],
    [{ required: "yes" }, 'option "required" must be true or false, not a text'],
    [{ readableBy: "all" }, 'option "readableBy" must be "owner" or "group", not a text'],
    [{ readableBy: 0o640 }, 'option "readableBy" must be "owner" or "group", not 416'],
    [{ exportTimeoutMs: "1s" }, 'option "exportTimeoutMs" must be a number of milliseconds'],
    [{ name: "" }, 'option "name" must be a text such as "file"'],
    [{ dir: 5 }, 'option "dir" must be an absolute path such as "/var/log/datatools", not 5'],
    [{ dir: "logs" }, 'option "dir" must be an absolute path'],
    [null, "fileExporter: options must be an object, not null"],
    ["/srv/logs", "fileExporter: options must be an object, not a text"]
  ])("are refused when they are wrong: %j", (options, text) => {
    refuses(fileExporter as Call, options, text)
  })

  it("may be absent, or undefined", () => {
    expect(fileExporter().name).toBe("file")
    expect(fileExporter({ sync: undefined, seal: undefined, queue: undefined, dir: undefined }).name).toBe(
      "file"
    )
  })
})

describe("the options of readers, of verify, and of the place", () => {
  const day = "2026-11-22"
  const readers: readonly [string, Call, object][] = [
    ["readDay", readDay as Call, { app, dir, day }],
    ["readRecent", readRecent as Call, { app, dir }],
    ["readRecentAllUsers", readRecentAllUsers as Call, { app, dir }],
    ["follow", follow as Call, { app, dir }]
  ]

  it.each(readers)("are refused at the call when they are wrong: %s", (name, call, right) => {
    expect(() => call(right as never)).not.toThrow()
    refuses(
      call,
      { ...right, categorys: ["load"] },
      `${name}: there is no option "categorys"; did you mean "categories"?`
    )
    refuses(
      call,
      { ...right, categories: "load" },
      `${name}: option "categories" must be a list such as ["upload"]`
    )
    refuses(call, { ...right, text: 5 }, `${name}: option "text" must be a text, not 5`)
    refuses(call, { ...right, dir: "logs" }, `${name}: option "dir" must be an absolute path`)
    refuses(call, { ...right, app: undefined }, `${name}: option "app" is missing: it must be a text such as`)
    refuses(call, undefined, `${name}: options must be an object, not undefined`)
  })

  it("are refused when a reader has no such option", () => {
    refuses(readRecentAllUsers as Call, { app, dir, user: "ada" }, 'there is no option "user"')
    refuses(
      readRecent as Call,
      { app, dir, layout: "sesion" },
      'option "layout" must be "daily", "session" or "user"'
    )
    refuses(follow as Call, { app, dir, begin: "yesterday" }, 'option "begin" must be "now" or "today"')
  })

  it.each<[unknown, string]>([
    [{ app, publickey: "…" }, 'verify: there is no option "publickey"; did you mean "publicKey"?'],
    [{ app, anchors: {} }, 'verify: option "anchors" must be a list of seals, not an object'],
    [{ dir }, 'verify: option "app" is missing'],
    [{ app, dir: "logs" }, 'verify: option "dir" must be an absolute path']
  ])("are refused by verify when they are wrong: %j", async (options, text) => {
    await expect(verify(options as never)).rejects.toThrow(TypeError)
    await expect(verify(options as never)).rejects.toThrow(text)
  })

  it("are refused by auditLogDir when they are wrong, and it answers without an environment", () => {
    refuses(auditLogDir as Call, {}, 'auditLogDir: option "app" is missing')
    refuses(auditLogDir as Call, { app, env: "HOME" }, 'option "env" must be an object such as process.env')
    refuses(auditLogDir as Call, { app, path: dir }, 'there is no option "path"')
    expect(auditLogDir({ app }).dir).toMatch(/^\//)
  })
})
