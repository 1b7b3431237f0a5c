// What surrounds a call and is written on every event made inside it: engine, model, user, request. Plain code runs
// inside `withContext`, or enters one; fibers carry `AuditContext`; neither leaks to siblings.

import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { host } from "#host"
import { type Fields, readableFields } from "../encode/fields.ts"

/**
 * Runs `run` with these values on every event that is recorded inside it, across `await`, timers and `Promise.all`.
 * Inner values win over outer ones of the same name. A page cannot follow `await`: there the values hold until `run`
 * returns. So it is on workerd without AsyncLocalStorage; `nodejs_compat` has it, and with `nodejs_als` the worker says
 * `globalThis.AsyncLocalStorage = AsyncLocalStorage`.
 */
export const withContext = <A>(values: Fields, run: () => A): A => host.context.run(within(values), run)

/**
 * Adds values to the context for the rest of the run: for what the code that is running now does from here on, and for all that it
 * starts, across `await`. What runs beside it, and a `withContext` around it once that has returned, are as before. A function that
 * is called, and has not awaited yet, is the same run as its caller: give each its own by `withContext`, or begin it in a turn of
 * its own, as servers and timers do.
 *
 * Without AsyncLocalStorage.enterWith (a page, workerd) the values hold until the `withContext` around the call returns; where there
 * is none, nothing is added, and one notice says so.
 */
export const enterContext = (values: Fields): void => {
  if (host.context.enter(within(values)) || isTold) return
  isTold = true
  host.notice(
    "[daybook] enterContext adds nothing here: this host has no such context; use withContext(values, run)"
  )
}

let isTold = false

/**
 * Runs with something of core's own that code inside can find, and that no line shows: the tool call that is running. A second store
 * would cost each call another entry and each `await` another value to carry.
 */
export const withCarried = <A>(context: Fields | undefined, carried: object, run: () => A): A =>
  host.context.run({ ...context, [carriedKey]: carried }, run)

/** What the innermost `withCarried` gave. */
export const carried = (): object | undefined => carriedIn(host.context.get())

const carriedKey = Symbol("carried")

const carriedIn = (context: Fields | undefined): object | undefined =>
  (context as { readonly [carriedKey]?: object } | undefined)?.[carriedKey]

// Names of keys are texts, so the merged values have lost what is carried.
const within = (values: Fields): Fields => {
  const outer = host.context.get()
  const merged = readableFields(outer, values)
  const inner = carriedIn(outer)
  return inner === undefined ? merged : Object.assign(merged, { [carriedKey]: inner })
}

/** Runs in a context that was read earlier, and in no other. */
export const inContext = <A>(context: Fields | undefined, run: () => A): A =>
  host.context.run(context ?? nothing, run)

const nothing: Fields = Object.freeze({})

/** The same for the fibers of an effect: `Effect.provideService(AuditContext, values)`, or `withAuditContext`. */
export const AuditContext: Context.Reference<Fields> = Context.Reference<Fields>(
  "@daybook/core/AuditContext",
  {
    defaultValue: () => nothing
  }
)

/** Adds values to the context of an effect and of all fibers that it forks. */
export const withAuditContext =
  (values: Fields) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(AuditContext, (outer) =>
      Effect.provideService(effect, AuditContext, readableFields(outer, values))
    )

/** The context of plain code at this moment. */
export const currentContext = (): Fields | undefined => host.context.get()
