// The trail that this server keeps for its page: day files of what the page reports, and their folder on the desktop of the
// person at this machine. Only the page that it served may ask: from its own origin, with the token that stands in the page.
// The server listens on loopback only, and vite refuses every host name but localhost.
import { randomBytes, timingSafeEqual } from "node:crypto"
import type { IncomingMessage, ServerResponse } from "node:http"
import { createAuditLog, type Fields } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import type { Plugin } from "vite"
import { type ServedTrail, tokenHeader, trailMeta, trailPaths } from "../trail-paths.ts"
import { openFolder } from "./open-folder.ts"

export interface PageTrail {
  /** Answers the page's requests, before vite does. `html` is the page. */
  plugin(html: string): Plugin
  /** Writes what is left. */
  close(): Promise<void>
}

/** A page's batch is at most 256 KiB, or one line. */
const bodyBytesMax = 512 * 1024
/** Less than the page waits for its answer. */
const writeMs = 10_000

/** Keeps the trail in this folder. */
export const openPageTrail = (folder: string): PageTrail => {
  const audit = createAuditLog({ app: "datatools", exporters: [fileExporter({ dir: folder })] })
  audit.sessionStart()
  const token = randomBytes(32).toString("base64url")

  /** Answers 204 when the lines are in the file. Otherwise the page repeats them: `origin.id` says which are repeated. */
  const keep = async (request: IncomingMessage): Promise<number> => {
    const claims = await claimsOf(request)
    if (typeof claims === "number") return claims
    for (const claim of claims) audit.relay(claim)
    return (await audit.flush({ timeoutMs: writeMs })).complete ? 204 : 503
  }
  const open = async (): Promise<number> => {
    // The folder is made with its first line.
    await audit.flush({ timeoutMs: writeMs })
    return openFolder(folder).then(
      () => 204,
      () => 501
    )
  }
  const answers: Readonly<Record<string, (request: IncomingMessage) => Promise<number>>> = {
    [trailPaths.lines]: keep,
    [trailPaths.folder]: open
  }
  const answer = async (request: IncomingMessage, run: (typeof answers)[string]): Promise<number> => {
    if (request.method !== "POST") return 405
    return isOurPage(request, token) ? run(request) : 403
  }

  return {
    plugin: (html) => {
      const page = withTrail(html, { folder, token })
      return {
        name: "page-trail",
        configurePreviewServer: ({ middlewares }) => {
          middlewares.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
            const run = answers[request.url ?? ""]
            if (run !== undefined) {
              void answer(request, run).then(
                (status) => response.writeHead(status).end(),
                () => response.destroy()
              )
            } else if (request.method === "GET" && request.headers.accept?.includes("text/html")) {
              // Not kept by the browser: the next server has another token.
              response
                .writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-store" })
                .end(page)
            } else next()
          })
        }
      }
    },
    close: async () => void (await audit.close({ timeoutMs: writeMs }))
  }
}

const isOurPage = ({ headers }: IncomingMessage, token: string): boolean => {
  const given = Buffer.from(String(headers[tokenHeader]))
  const ours = Buffer.from(token)
  return (
    headers.origin === `http://${headers.host}` &&
    given.length === ours.length &&
    timingSafeEqual(given, ours)
  )
}

/** The lines of a request, or the status of its refusal. */
const claimsOf = async (request: IncomingMessage): Promise<readonly Fields[] | number> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > bodyBytesMax) return 413
    chunks.push(chunk)
  }
  try {
    const lines = Buffer.concat(chunks).toString().split("\n")
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Fields)
  } catch {
    return 400
  }
}

const withTrail = (html: string, trail: ServedTrail): string => {
  const content = JSON.stringify(trail).replaceAll("&", "&amp;").replaceAll('"', "&quot;")
  return html.replace("<head>", () => `<head><meta name="${trailMeta}" content="${content}" />`)
}
