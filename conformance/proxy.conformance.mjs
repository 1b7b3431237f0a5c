// The proxy that HTTP_PROXY names, over each runtime's own fetch: the collector's name leads nowhere, so only a proxy can reach it.
// The proxy is real, on loopback: it takes requests with a whole URL (Deno, Bun) and tunnels (Node).
import assert from "node:assert/strict"
import { createServer, request } from "node:http"
import { connect } from "node:net"
import test from "node:test"
import { runFixture, runtime } from "./child-run.mjs"

const listen = async (server) => {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve))
  return server.address().port
}

const withProxy = async (use) => {
  const [asked, arrived] = [[], []]
  const collector = createServer((incoming, response) => {
    incoming.resume().on("end", () => {
      arrived.push(incoming.url)
      response.writeHead(200, { "content-type": "text/plain" }).end()
    })
  })
  const port = await listen(collector)
  const proxy = createServer((incoming, response) => {
    asked.push(new URL(incoming.url).host)
    const { method, headers } = incoming
    const { pathname: path } = new URL(incoming.url)
    const onward = request({ host: "127.0.0.1", port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers)
      answer.pipe(response)
    })
    incoming.pipe(onward)
  })
  proxy.on("connect", ({ url }, socket) => {
    asked.push(url)
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n")
      socket.pipe(onward).pipe(socket)
    })
    for (const end of [socket, onward]) end.on("error", () => undefined)
  })
  try {
    await use({ url: `http://user:sesame@127.0.0.1:${await listen(proxy)}`, asked, arrived })
  } finally {
    for (const server of [collector, proxy]) {
      server.closeAllConnections?.()
      server.close()
    }
  }
}

const collectorUrl = "http://collector.invalid:4318/v1/logs"
const noticeAbout = (stderr) => stderr.split("\n").filter((line) => line.includes("ignored: HTTP_PROXY"))

test("a collector that only a proxy can reach gets its events through the one that HTTP_PROXY names", () =>
  withProxy(async ({ url, asked, arrived }) => {
    // Node takes the variable only where this one is set; the others do not know it.
    const env = { HTTP_PROXY: url, NODE_USE_ENV_PROXY: "1" }
    const { stdout, stderr } = await runFixture("proxied.mjs", [collectorUrl], env)
    assert.deepEqual(JSON.parse(stdout), { complete: true, written: 3, pending: 0 }, stderr)
    assert.deepEqual(asked, ["collector.invalid:4318"])
    assert.deepEqual(arrived, ["/v1/logs"])
    assert.deepEqual(noticeAbout(stderr), [])
    assert.ok(!stderr.includes("sesame"))
  }))

if (runtime === "node") {
  test("where Node was not started to take it, one notice says what to do, and the events wait", () =>
    withProxy(async ({ url, asked }) => {
      const { stdout, stderr } = await runFixture("proxied.mjs", [collectorUrl], { HTTP_PROXY: url })
      assert.deepEqual(JSON.parse(stdout), { complete: false, written: 0, pending: 3 })
      assert.deepEqual(asked, [])
      assert.equal(noticeAbout(stderr).length, 1, stderr)
      assert.match(stderr, /NODE_USE_ENV_PROXY=1 \(from 22\.21 on\); or give the option "fetch"/)
      assert.ok(!stderr.includes("sesame"))
    }))

  test("what NO_PROXY names goes its direct way, without a notice", () =>
    withProxy(async ({ url, asked }) => {
      const env = { HTTP_PROXY: url, NO_PROXY: "collector.invalid", NODE_USE_ENV_PROXY: "1" }
      const { stdout, stderr } = await runFixture("proxied.mjs", [collectorUrl], env)
      assert.deepEqual(JSON.parse(stdout), { complete: false, written: 0, pending: 3 })
      assert.deepEqual(asked, [])
      assert.deepEqual(noticeAbout(stderr), [])
    }))
}
