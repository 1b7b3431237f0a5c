// All libraries by name. Each is loaded only in the process that measures it, so that no library pays for the modules of
// another.

import type { Library } from "./library.ts"

const loaders = {
  daybook: async () => (await import("./daybook.ts")).daybook,
  "daybook-untyped": async () => (await import("./daybook.ts")).daybookUntyped,
  "daybook-unsealed": async () => (await import("./daybook.ts")).daybookUnsealed,
  "daybook-durable": async () => (await import("./daybook.ts")).daybookDurable,
  "pino-async": async () => (await import("./pino-async.ts")).pinoAsync,
  "pino-worker": async () => (await import("./pino-worker.ts")).pinoWorker,
  "pino-unpaced": async () => (await import("./pino-async.ts")).pinoUnpaced,
  "pino-own-line": async () => (await import("./pino-async.ts")).pinoOwnLine,
  "pino-buffered": async () => (await import("./pino-async.ts")).pinoBuffered,
  logtape: async () => (await import("./logtape.ts")).logTape,
  "winston-daily": async () => (await import("./winston-daily.ts")).winstonDaily,
  otel: async () => (await import("./otel.ts")).otel,
  effect: async () => (await import("./effect-file.ts")).effectFile,
  evlog: async () => (await import("./evlog.ts")).evlog,
  "raw-sync": async () => (await import("./raw-sync.ts")).rawSync,
  stringify: async () => (await import("./stringify.ts")).stringify
} satisfies Readonly<Record<string, () => Promise<Library>>>

export type LibraryName = keyof typeof loaders

export const libraryNames = Object.keys(loaders) as readonly LibraryName[]

export const isLibraryName = (name: string): name is LibraryName => Object.hasOwn(loaders, name)

export const loadLibrary = (name: LibraryName): Promise<Library> => loaders[name]()

/** Libraries of the targets, and those compared with them. */
export const gated: readonly LibraryName[] = [
  "daybook",
  "daybook-untyped",
  "pino-async",
  "pino-worker",
  "stringify"
]

/** Libraries measured in a cell of their own, beside the first of them. */
export const peers: readonly LibraryName[] = [
  "pino-async",
  "pino-own-line",
  "pino-buffered",
  "logtape",
  "winston-daily",
  "otel",
  "effect",
  "evlog"
]
