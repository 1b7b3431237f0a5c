// How long a fresh process takes to load what an application imports: for each library the modules that its adapter uses.
// The clock is in probes/import.ts.

import type { LibraryName } from "../libraries/catalogue.ts"
import type { Measure } from "../measure.ts"
import { runChild } from "../run-child.ts"

const modules: Readonly<Partial<Record<LibraryName, string>>> = {
  daybook: "@daybook/core @daybook/file-exporter effect/Schema",
  "daybook-untyped": "@daybook/core @daybook/file-exporter",
  "pino-async": "pino",
  logtape: "@logtape/logtape @logtape/file",
  "winston-daily": "winston winston-daily-rotate-file",
  otel: "@opentelemetry/api @opentelemetry/sdk-logs @opentelemetry/exporter-logs-otlp-http @opentelemetry/resources",
  effect: "effect/Effect effect/Logger effect/FileSystem",
  evlog: "evlog evlog/fs evlog/pipeline"
}

export const importTime: Measure = {
  name: "import",
  about: "ms until import() has loaded the modules from their built files, in a fresh process",
  cells: ({ runtime }) => [
    {
      name: "import",
      libraries: Object.keys(modules) as readonly LibraryName[],
      run: (library) => {
        const settings = { modules: modules[library] ?? "" }
        return runChild({ probe: "import", library, shape: "small", events: 0, settings }, { runtime })
      }
    }
  ]
}
