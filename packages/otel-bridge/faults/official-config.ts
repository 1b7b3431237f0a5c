// Three configurations of the official collector. They differ in where records are when it acknowledges them; the third is the
// one that docs/guides/opentelemetry.md advises. A configuration is JSON here, which is YAML too.
import { join } from "node:path"

export interface OfficialOptions {
  /**
   * Acknowledged with the records in its memory, as most are configured; or as soon as they are in its file; or as soon as
   * they are in a queue on its disk, from where they go on to another collector.
   */
  readonly way: "memory" | "file" | { readonly queueFor: string }
  /** The origins of pages that may send, and which headers beside a content type. */
  readonly origins?: readonly string[]
  readonly headers?: readonly string[]
}

interface Way {
  readonly batch: boolean
  readonly exporters: Readonly<Record<string, object>>
}

/** `path` is where its file exporter writes. */
export const officialConfig = (options: OfficialOptions, port: number, dir: string, path: string): string => {
  const { way, origins = [], headers = [] } = options
  const { batch, exporters } = wayOf(way, path)
  const cors = { allowed_origins: origins, allowed_headers: ["content-type", ...headers] }
  return JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: `127.0.0.1:${port}`, cors } } } },
    processors: {
      memory_limiter: { check_interval: "1s", limit_mib: 1_024 },
      batch: { timeout: "50ms" }
    },
    extensions: {
      file_storage: { directory: join(dir, "queue"), create_directory: true, fsync: true }
    },
    exporters: { debug: {}, ...exporters },
    service: {
      extensions: ["file_storage"],
      telemetry: { metrics: { level: "none" } },
      pipelines: {
        logs: {
          receivers: ["otlp"],
          processors: ["memory_limiter", ...(batch ? ["batch"] : [])],
          exporters: ["debug", ...Object.keys(exporters)]
        }
      }
    }
  })
}

/** With `rotation` the file exporter writes at once; without it, at intervals. */
const wayOf = (way: OfficialOptions["way"], path: string): Way => {
  if (way === "memory") return { batch: true, exporters: { file: { path, flush_interval: "100ms" } } }
  if (way === "file")
    return { batch: false, exporters: { file: { path, rotation: { max_megabytes: 10_000 } } } }
  const sending_queue = {
    storage: "file_storage",
    sizer: "items",
    queue_size: 1_000_000,
    batch: { sizer: "items", flush_timeout: "1s", min_size: 5_000, max_size: 10_000 }
  }
  const retry_on_failure = { enabled: true, max_elapsed_time: 0 }
  return {
    batch: false,
    exporters: { otlphttp: { endpoint: way.queueFor, sending_queue, retry_on_failure } }
  }
}
