// What a server for pages must do, as one table of cases: each runs against a server that is there already (ingest-app.mjs), on
// whatever host, and has a user and a session of its own. Each ends with what the server has recorded for that user.
import assert from "node:assert/strict"
import { connect } from "node:net"

const hex = (count) => {
  let text = ""
  while (text.length < count) text += Math.floor(Math.random() * 16).toString(16)
  return text
}

/** A page's session as it is seen from outside: a stream key, and lines with their ids. */
const makeSession = () => {
  const key = hex(15)
  const id = (n) =>
    `01a2027b-d6fb-7${(n >> 4).toString(16).padStart(3, "0")}-8${key.slice(0, 3)}-${key.slice(3)}`
  return {
    key,
    event: (seq, more = {}) => ({
      ts: "2026-11-22T09:00:00.123Z",
      level: "info",
      category: "upload",
      session: key.slice(0, 8),
      message: `Uploaded ${seq}.csv`,
      filename: `${seq}.csv`,
      bytes: seq,
      seq,
      id: id(seq),
      ...more
    }),
    gap: (first, last) => ({
      ts: "2026-11-22T09:00:00.123Z",
      level: "warn",
      category: "gap",
      session: key.slice(0, 8),
      message: `${last - first + 1} events are missing`,
      count: last - first + 1,
      first_seq: first,
      last_seq: last,
      reasons: { overflow: last - first + 1 },
      id: id(last + 1)
    })
  }
}

const textOf = (lines, envelope = {}) => {
  const texts = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)))
  const recorded = Math.max(0, ...lines.map(({ seq, last_seq: last }) => seq ?? last ?? 0))
  const first = {
    daybook: 1,
    app: "shop",
    owner: "",
    sent: Date.now(),
    recorded,
    lines: lines.length,
    ...envelope
  }
  return [JSON.stringify(first), ...texts].map((text) => `${text}\n`).join("")
}

const gzip = async (body) => {
  const packed = new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"))
  return new Uint8Array(await new Response(packed).arrayBuffer())
}

/** One case's view of the server at `origin`. */
const makeClient = (origin, user) => {
  const send = async (body, headers = {}, options = {}) => {
    const given = {
      origin,
      "content-type": "application/x-ndjson",
      authorization: `Bearer ${user}`,
      ...headers
    }
    const sent = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
    const response = await fetch(`${origin}/daybook`, { method: "POST", headers: sent, body, ...options })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text)
    }
  }
  const ask = async (path) => (await fetch(origin + path)).json()
  return {
    origin,
    user,
    session: makeSession(),
    send,
    post: (lines, envelope, headers) => send(textOf(lines, envelope), headers),
    trail: () => ask(`/trail?user=${user}`),
    missing: async () => (await ask("/missing")).filter((session) => session.user === user)
  }
}

const accepted = (count) => ({ accepted: count, duplicate: 0, refused: [] })

const cases = {
  "a page's lines are events, with what the server knows beside and what the page said under origin": async ({
    session,
    post,
    trail
  }) => {
    const { status, body, headers } = await post([session.event(1), session.event(2)])
    assert.deepEqual([status, body], [200, accepted(2)])
    assert.equal(headers.get("cache-control"), "no-store")
    const [first, second] = await trail()
    assert.equal(first.tenant, "t-7")
    assert.equal(first.message, "Uploaded 1.csv")
    assert.deepEqual(first.origin, {
      id: session.event(1).id,
      ts: "2026-11-22T09:00:00.123Z",
      session: session.key.slice(0, 8),
      seq: 1,
      filename: "1.csv",
      bytes: 1
    })
    assert.equal(second.seq, first.seq + 1)
  },

  "an unknown user is 401, and nothing is recorded": async ({ session, post, trail }) => {
    const { status } = await post([session.event(1)], {}, { authorization: "Bearer stolen" })
    assert.equal(status, 401)
    assert.equal((await post([session.event(1)], {}, { authorization: undefined })).status, 401)
    assert.deepEqual(await trail(), [])
  },

  "another user's lines are 403": async ({ session, user, post, trail }) => {
    assert.equal((await post([session.event(1)], { owner: "bob" })).status, 403)
    assert.equal((await post([session.event(1)], { owner: user })).status, 200)
    assert.equal((await trail()).length, 1)
  },

  "F114 a page of another origin is 403, and so is what is no page": async ({ session, post, trail }) => {
    for (const origin of ["https://evil.example", "null", undefined])
      assert.equal((await post([session.event(1)], {}, { origin })).status, 403)
    assert.deepEqual(await trail(), [])
    const own = { origin: undefined, "sec-fetch-site": "same-origin" }
    assert.equal((await post([session.event(1)], {}, own)).status, 200)
  },

  "a page of a listed origin asks first, and may read the answer": async ({ origin, session, post }) => {
    const ask = (from) =>
      fetch(`${origin}/daybook`, {
        method: "OPTIONS",
        headers: {
          origin: from,
          "access-control-request-method": "POST",
          "access-control-request-headers": "authorization,content-type"
        }
      })
    const allowed = await ask("https://shop.example")
    assert.equal(allowed.status, 204)
    assert.equal(allowed.headers.get("access-control-allow-origin"), "https://shop.example")
    assert.equal(allowed.headers.get("access-control-allow-headers"), "authorization,content-type")
    assert.equal(allowed.headers.get("access-control-max-age"), "7200")
    const refused = await ask("https://evil.example")
    assert.equal(refused.status, 403)
    assert.equal(refused.headers.get("access-control-allow-origin"), null)
    const { status, headers } = await post([session.event(1)], {}, { origin: "https://shop.example" })
    assert.equal(status, 200)
    assert.equal(headers.get("access-control-allow-origin"), "https://shop.example")
    assert.equal(headers.get("access-control-expose-headers"), "retry-after")
  },

  "what a form can send, another method and another packing are refused": async ({
    origin,
    session,
    post,
    send
  }) => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
      assert.equal((await post([session.event(1)], {}, { "content-type": type })).status, 415)
    assert.equal((await post([session.event(1)], {}, { "content-encoding": "br" })).status, 415)
    const read = await fetch(`${origin}/daybook`)
    await read.text()
    assert.deepEqual([read.status, read.headers.get("allow")], [405, "POST, OPTIONS"])
    assert.equal((await send(undefined)).status, 500)
  },

  "another version, and what is no envelope, are 400": async ({ session, post, send, trail }) => {
    assert.equal((await post([session.event(1)], { daybook: 2 })).status, 400)
    assert.equal((await post([session.event(1)], { owner: 7 })).status, 400)
    assert.equal((await post([session.event(1)], { recorded: -1 })).status, 400)
    assert.equal((await send(`${JSON.stringify(session.event(1))}\n`)).status, 400)
    assert.equal((await send("\n")).status, 400)
    assert.equal((await send("no newline")).status, 400)
    assert.deepEqual(await trail(), [])
  },

  "a body of more than 256 KiB is 413, with its length in front or without": async ({
    session,
    send,
    trail
  }) => {
    const body = textOf([session.event(1, { filename: "x".repeat(300_000) })])
    assert.equal((await send(body)).status, 413)
    const { status } = await send(new Blob([body]).stream(), {}, { duplex: "half" })
    assert.equal(status, 413)
    assert.deepEqual(await trail(), [])
  },

  "more than 2,000 lines are 413, and more than 5,000 events at once 429 with a time to wait": async ({
    session,
    post,
    trail
  }) => {
    const lines = (from, count) =>
      Array.from({ length: count }, (_, n) => ({
        category: "settings",
        seq: from + n,
        id: session.event(from + n).id
      }))
    assert.equal((await post(lines(1, 2_001))).status, 413)
    assert.deepEqual((await post(lines(1, 2_000))).body, accepted(2_000))
    assert.deepEqual((await post(lines(2_001, 2_000))).body, accepted(2_000))
    const { status, headers } = await post(lines(4_001, 2_000))
    assert.equal(status, 429)
    assert.ok(Number(headers.get("retry-after")) >= 1)
    assert.equal((await trail()).length, 4_000)
  },

  "gzip is taken, and broken gzip is 400": async ({ session, send, trail }) => {
    const packed = await gzip(textOf([session.event(1)]))
    const headers = { "content-encoding": "gzip" }
    assert.deepEqual((await send(packed, headers)).body, accepted(1))
    assert.equal((await send(packed.slice(0, -9), headers)).status, 400)
    assert.equal(
      (
        await send(
          packed.map((byte, at) => (at === 20 ? byte ^ 0xff : byte)),
          headers
        )
      ).status,
      400
    )
    assert.equal((await send(textOf([session.event(2)]), headers)).status, 400)
    assert.equal((await trail()).length, 1)
  },

  "F111 a gzip bomb is 413": async ({ session, send, trail }) => {
    const bomb = await gzip(textOf([session.event(1, { filename: "x".repeat(50_000_000) })]))
    assert.ok(bomb.length < 256 * 1024)
    assert.equal((await send(bomb, { "content-encoding": "gzip" })).status, 413)
    assert.deepEqual(await trail(), [])
  },

  "a body that was cut is taken as a whole or not at all": async ({ session, send, trail }) => {
    const body = textOf([session.event(1), session.event(2)])
    assert.equal((await send(body.slice(0, -1))).status, 400)
    assert.equal((await send(body.slice(0, body.length - 40))).status, 400)
    assert.equal((await send(`${body}${JSON.stringify(session.event(3))}\n`)).status, 400)
    assert.deepEqual(await trail(), [])
  },

  "a connection that breaks in the middle leaves nothing, and the next one is answered": async ({
    origin,
    user,
    session,
    post,
    trail
  }) => {
    const { hostname, port } = new URL(origin)
    const body = textOf([session.event(1)])
    const socket = connect(Number(port), hostname)
    await new Promise((resolve, reject) => {
      socket.on("error", reject)
      socket.write(
        `POST /daybook HTTP/1.1\r\nhost: ${hostname}:${port}\r\norigin: ${origin}\r\nauthorization: Bearer ${user}\r\n` +
          `content-type: application/x-ndjson\r\ncontent-length: ${body.length}\r\n\r\n${body.slice(0, 80)}`,
        () => resolve(undefined)
      )
    })
    socket.on("error", () => undefined)
    socket.destroy()
    assert.deepEqual((await post([session.event(1)])).body, accepted(1))
    assert.equal((await trail()).length, 1)
  },

  "a malformed line among good ones is refused alone, with the reason": async ({ session, send, trail }) => {
    const lines = [
      session.event(1),
      '{"category":"upload"',
      "[]",
      session.event(2, { id: "7" }),
      session.event(0),
      session.event(3, { category: "unheard_of" }),
      session.event(4, { filename: "x".repeat(70_000) }),
      session.event(5)
    ]
    const { status, body } = await send(textOf(lines))
    assert.equal(status, 200)
    assert.deepEqual(body, {
      accepted: 2,
      duplicate: 0,
      refused: [
        [1, "not_json"],
        [2, "not_json"],
        [3, "no_id"],
        [4, "no_id"],
        [5, "unknown_event"],
        [6, "too_large"]
      ]
    })
    const bytes = new TextEncoder().encode(
      textOf([session.event(6, { filename: "\u0000#" }), session.event(7)])
    )
    bytes[bytes.indexOf(0x23)] = 0xff
    assert.deepEqual((await send(bytes)).body, { accepted: 1, duplicate: 0, refused: [[0, "not_json"]] })
    assert.deepEqual(
      (await trail()).map(({ origin }) => origin.seq),
      [1, 5, 7]
    )
  },

  "no page can write a mark of the log, nor forge its session, seq, id, time or user": async ({
    session,
    user,
    post,
    trail
  }) => {
    const marks = ["seal", "recovered", "retention"].map((category, n) => session.event(n + 1, { category }))
    const seal = { ...session.gap(9, 9), category: "seal", sha256: "0" }
    const { body } = await post([...marks, session.event(4, { category: "GAP" }), seal, session.event(5)])
    assert.deepEqual(
      body.refused.map(([, why]) => why),
      Array(5).fill("forbidden")
    )
    const forged = {
      user: "root",
      tenant: "t-0",
      origin: { id: "deeper" },
      v: 9,
      schema_error: "none",
      trace_id: "x"
    }
    await post([
      session.event(6, { ...forged, ts: "1970-01-01T00:00:00.000Z", session: "00000000", level: "fatal" })
    ])
    const [, line] = await trail()
    assert.equal(line.user, user)
    assert.equal(line.tenant, "t-7")
    assert.notEqual(line.session, "00000000")
    assert.notEqual(line.id, session.event(6).id)
    assert.ok(Math.abs(Date.parse(line.ts) - Date.now()) < 600_000)
    assert.equal(line.schema_error, undefined)
    assert.equal(line.origin.user, "root")
    assert.deepEqual(line.origin.origin, { id: "deeper" })
  },

  "F112 a line of 100,000 levels is refused, and the server lives": async ({ session, post, trail }) => {
    const deep = `{"seq":1,"a":${"[".repeat(100_000)}${"]".repeat(100_000)}}`
    const short = `{"seq":1,"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`
    assert.deepEqual((await post([deep, short, session.event(1)])).body, {
      accepted: 1,
      duplicate: 0,
      refused: [
        [0, "too_large"],
        [1, "not_json"]
      ]
    })
    assert.equal((await trail()).length, 1)
  },

  "F113 of a key that stands twice the last one counts, for the check and for the line": async ({
    session,
    post,
    trail
  }) => {
    const line = JSON.stringify(session.event(1))
    const twice = line.replace('"category":"upload"', '"category":"unheard_of","category":"upload"')
    const hidden = line
      .replace('"category":"upload"', '"category":"upload","category":"seal"')
      .replace('"seq":1', '"seq":2')
    assert.deepEqual((await post([twice, hidden])).body, {
      accepted: 1,
      duplicate: 0,
      refused: [[1, "forbidden"]]
    })
    const [recorded] = await trail()
    assert.equal(recorded.category, "upload")
    assert.equal(recorded.origin.category, undefined)
  },

  "F90 keys that mean something to JavaScript are data": async ({ session, post, trail }) => {
    const line = JSON.stringify(session.event(1)).replace(
      "{",
      '{"__proto__":{"polluted":1},"constructor":{"prototype":1},'
    )
    assert.deepEqual((await post([line])).body, accepted(1))
    assert.equal({}.polluted, undefined)
    const [{ origin }] = await trail()
    assert.deepEqual(Object.keys(origin).slice(4, 6), ["__proto__", "constructor"])
  },

  "F114 a batch that comes again is known, and is not recorded again": async ({ session, post, trail }) => {
    const lines = [session.event(1), session.event(2), session.gap(3, 9)]
    assert.deepEqual((await post(lines)).body, accepted(3))
    for (let again = 0; again < 3; again++)
      assert.deepEqual((await post(lines)).body, { accepted: 0, duplicate: 3, refused: [] })
    const [first, ...others] = [session.event(10), session.event(2), session.event(12)]
    assert.deepEqual((await post([first, ...others])).body, { accepted: 2, duplicate: 1, refused: [] })
    assert.equal((await trail()).length, 5)
  },

  "F115 a page's clock may be a day off: its time stays as it was said, and the difference stands beside":
    async ({ session, post, trail }) => {
      const day = 86_400_000
      await post([session.event(1)], { sent: Date.now() + day })
      await post([session.event(2)], { sent: Date.now() - day })
      const [ahead, behind] = await trail()
      assert.ok(Math.abs(ahead.skew_ms + day) < 60_000)
      assert.ok(Math.abs(behind.skew_ms - day) < 60_000)
      for (const { ts, origin } of [ahead, behind]) {
        assert.equal(origin.ts, "2026-11-22T09:00:00.123Z")
        assert.ok(Math.abs(Date.parse(ts) - Date.now()) < 600_000)
      }
    },

  "a field that does not fit is named, and a secret that the page did not hide is hidden": async ({
    session,
    post,
    trail
  }) => {
    await post([session.event(1, { bytes: "many", pin: "1234", note: "password=hunter2" })])
    const [line] = await trail()
    assert.equal(line.schema_error, "bytes")
    assert.equal(line.origin.bytes, "many")
    assert.equal(line.origin.pin, "[redacted]")
    assert.equal(line.origin.note, "password=[redacted]")
  },

  "what never came is missing, and what a gap claim says is not": async ({
    session,
    post,
    missing,
    trail
  }) => {
    await post([session.event(1), session.event(2)], { recorded: 10 })
    assert.deepEqual(
      (await missing()).map(({ count, session: name }) => [count, name]),
      [[8, session.key.slice(0, 8)]]
    )
    await post([session.gap(3, 7)], { recorded: 10 })
    assert.equal((await missing())[0].count, 3)
    await post([session.event(8), session.event(9), session.event(10)], { recorded: 10 })
    assert.deepEqual(await missing(), [])
    const [, , gap] = await trail()
    assert.equal(gap.category, "gap")
    assert.equal(gap.level, "warn")
    assert.equal(gap.origin.count, 5)
  },

  "a body that does not come is 408": async ({ session, send, trail }) => {
    const body = textOf([session.event(1)])
    let stop
    const slow = new ReadableStream({
      start: (controller) => {
        controller.enqueue(new TextEncoder().encode(body.slice(0, 100)))
        stop = () => controller.error(new Error("enough"))
      }
    })
    const { status } = await send(slow, {}, { duplex: "half" })
    assert.equal(status, 408)
    try {
      stop()
    } catch {
      // The client has ended it already.
    }
    assert.deepEqual(await trail(), [])
  },

  "2,000 requests, 50 of them in flight: each event once": async ({ session, post, trail }) => {
    let next = 1
    const statuses = new Map()
    const lane = async () => {
      while (next <= 2_000) {
        const { status } = await post([session.event(next++)])
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: 50 }, lane))
    assert.deepEqual([...statuses], [[200, 2_000]])
    const numbers = (await trail()).map(({ origin }) => origin.seq).sort((a, b) => a - b)
    assert.deepEqual(
      numbers,
      Array.from({ length: 2_000 }, (_, n) => n + 1)
    )
  }
}

let users = 0

/** The cases as tests: `run(origin)` asks the server there. */
export const ingestCases = Object.entries(cases).map(([name, run]) => ({
  name,
  run: (origin) => run(makeClient(origin, `ada-${++users}`))
}))
