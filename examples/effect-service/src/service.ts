// A small HTTP service that keeps notes, as a layer of routes. The router opens a span for each request, and each event takes
// the ids of its fiber's span: no code here does it. The caller provides the log.
import { AuditLog, withAuditContext } from "@daybook/core"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerRequest } from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import { NoteMissing, NoteRead, NoteSaved } from "./events.ts"

/** `PUT /notes/<title>` keeps a note, `GET` gives it back. */
const Notes = HttpRouter.use((router) =>
  Effect.gen(function* () {
    const audit = yield* AuditLog
    const notes = new Map<string, string>()
    yield* audit.sessionStart()

    yield* router.add("PUT", "/notes/:title", (request) =>
      Effect.gen(function* () {
        const title = yield* titleOf
        const text = yield* request.text
        notes.set(title, text)
        yield* audit.log(NoteSaved({ title, words: yield* countWords(text) }))
        return HttpServerResponse.empty({ status: 201 })
      })
    )

    yield* router.add(
      "GET",
      "/notes/:title",
      Effect.gen(function* () {
        const title = yield* titleOf
        const text = notes.get(title)
        yield* audit.log(text === undefined ? NoteMissing({ title }) : NoteRead({ title }))
        return text === undefined ? HttpServerResponse.empty({ status: 404 }) : HttpServerResponse.text(text)
      })
    )
  })
)

/** Around every route: puts the user on each event, and records an unforeseen error before it becomes a 500. */
const Audited = HttpRouter.middleware(
  Effect.map(
    AuditLog,
    (audit) => (answer) =>
      Effect.gen(function* () {
        const { method, url, headers } = yield* HttpServerRequest
        return yield* answer.pipe(
          Effect.tapCause((cause) => audit.exception(`${method} ${url}`, Cause.squash(cause))),
          withAuditContext({ user: headers["x-user"] })
        )
      })
  ),
  { global: true }
)

export const Service = Layer.mergeAll(Notes, Audited)

const titleOf = Effect.map(HttpRouter.params, ({ title = "" }) => title)

const countWords = Effect.fn("count words")(function* (text: string) {
  if (text.trim() === "") return yield* Effect.die(new RangeError("a note without words"))
  return text.trim().split(/\s+/).length
})
