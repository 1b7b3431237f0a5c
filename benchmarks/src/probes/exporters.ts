// One log with several file exporters, each with a directory of its own: what each more of them costs. Every event is
// written once an exporter.

import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import type { Job, Sample } from "../job.ts"
import { daybookApp, logTyped, runningAudit } from "../libraries/daybook.ts"
import { measureFlow } from "./flow.ts"

export const exporters = async (job: Job): Promise<Sample> => {
  const count = Number(job.settings.exporters)
  const list = Array.from({ length: count }, (_, index) => {
    const dir = join(job.dir, `files-${index}`)
    mkdirSync(dir)
    return fileExporter({ name: `file-${index}`, dir })
  })
  const audit = createAuditLog({ app: daybookApp, exporters: list })
  const sample = await measureFlow(runningAudit(audit, logTyped(audit)), job)
  return { ...sample, logged: (sample.logged ?? 0) * count }
}
