// What a browser has to load: entries as an application would write them, bundled by Vite from the built packages,
// minified and gzipped. An entry whose package does not exist yet has no cell; its target says "not built yet".

import { existsSync } from "node:fs"
import { join } from "node:path"
import type { Cell, Measure } from "../measure.ts"
import { runChild } from "../run-child.ts"

const packagesDir = join(import.meta.dirname, "../../../packages")

interface Entry {
  readonly name: string
  /** The folders of packages that it needs. */
  readonly packages: readonly string[]
  readonly code: string
}

const untyped = `
import { createAuditLog } from "@daybook/core"
export const audit = createAuditLog({ app: "bench", exporters: [] })
audit.log("upload", "Uploaded customers.csv", { bytes: 24813 })
`

const typed = `
import { createAuditLog, defineEvent } from "@daybook/core"
import * as Schema from "effect/Schema"
const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, bytes: Schema.Finite },
  message: ({ filename }) => "Uploaded " + filename
})
export const audit = createAuditLog({ app: "bench", exporters: [] })
audit.log(Uploaded({ filename: "customers.csv", bytes: 24813 }))
`

const hooks = `
export {
  AuditErrorBoundary, AuditProvider, auditRootErrorHandlers,
  useAudit, useAuditErrors, useAuditEvent, useAuditHealth, useAuditPageOpen
} from "@daybook/react-hooks"
`
const panel = 'export { DiagnosticsPanel } from "@daybook/react-hooks"\n'
const page = `
import { createPageAudit } from "@daybook/http/page"
export const audit = createPageAudit({ app: "bench" })
audit.log("upload", "Uploaded customers.csv", { bytes: 24813 })
`
const typedPage = `
import { defineEvent, number, text } from "@daybook/core/event"
import { createPageAudit } from "@daybook/http/page"
const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: text, bytes: number },
  message: ({ filename }) => "Uploaded " + filename
})
export const audit = createPageAudit({ app: "bench" })
audit.log(Uploaded({ filename: "customers.csv", bytes: 24813 }))
`
const offline = 'export { keepOffline } from "@daybook/http/page/offline"\n'

const entries: readonly Entry[] = [
  { name: "core, untyped", packages: ["core"], code: untyped },
  { name: "core, typed", packages: ["core"], code: typed },
  { name: "hooks", packages: ["react-hooks"], code: hooks },
  { name: "hooks and panel", packages: ["react-hooks"], code: hooks + panel },
  { name: "hooks + core, untyped", packages: ["react-hooks"], code: hooks + untyped },
  { name: "hooks + core, typed", packages: ["react-hooks"], code: hooks + typed },
  { name: "page client", packages: ["http"], code: page },
  { name: "page client, typed", packages: ["http"], code: typedPage },
  { name: "page client's store", packages: ["http"], code: offline },
  { name: "hooks + page client, typed", packages: ["react-hooks", "http"], code: hooks + typedPage },
  // What else a page is given for this. None of them has a server's end, nor redacts by key.
  {
    name: "of pino",
    packages: [],
    code: 'import { pino } from "pino"\nexport const log = pino({ browser: { transmit: { send: () => undefined } } })\n'
  },
  {
    name: "of LogTape",
    packages: [],
    code: 'export { configure, getConsoleSink, getLogger } from "@logtape/logtape"\n'
  },
  {
    name: "of Sentry for React",
    packages: [],
    code: 'export { captureException, ErrorBoundary, init, logger } from "@sentry/react"\n'
  },
  {
    name: "of Faro",
    packages: [],
    code: 'export { getWebInstrumentations, initializeFaro } from "@grafana/faro-web-sdk"\n'
  }
]

const isThere = (folder: string): boolean => existsSync(join(packagesDir, folder, "dist"))

const cell = (entry: Entry): Cell => ({
  name: `bundle ${entry.name}`,
  libraries: ["daybook"],
  roundsMax: 1,
  run: (library) => {
    const settings = { code: entry.code }
    return runChild({ probe: "bundle", library, shape: "small", events: 0, settings })
  }
})

export const bundle: Measure = {
  name: "bundle",
  about: "bytes of a browser's bundle by Vite, minified and gzipped at level 9, React left out",
  cells: () => entries.filter(({ packages }) => packages.every(isThere)).map(cell)
}
