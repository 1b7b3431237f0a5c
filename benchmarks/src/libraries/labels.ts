// The name of each library in the tables. Apart from the adapters, so that a table does not load the libraries that it lists;
// each adapter says how its library is configured.

import type { LibraryName } from "./catalogue.ts"

const labels: Readonly<Record<LibraryName, string>> = {
  daybook: "Daybook",
  "daybook-untyped": "Daybook, untyped events",
  "daybook-unsealed": "Daybook without seals",
  "daybook-durable": "Daybook, durable commits",
  "pino-async": "pino async (A)",
  "pino-worker": "pino worker (W)",
  "pino-unpaced": "pino async, without waiting",
  "pino-own-line": "pino async, its own line",
  "pino-buffered": "pino async, minLength 4096",
  logtape: "LogTape stream",
  "winston-daily": "winston daily file",
  otel: "OTel SDK, OTLP/HTTP",
  effect: "Effect Logger.toFile",
  evlog: "evlog file",
  "raw-sync": "raw write + fdatasync",
  stringify: "JSON.stringify alone"
}

export const labelOf = (library: LibraryName): string => labels[library]
