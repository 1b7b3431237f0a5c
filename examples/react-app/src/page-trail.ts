// The trail that the server of this page keeps of it, if it keeps one: an exporter that sends it each line, and a way to open its
// folder. server/page-trail.ts is the other end.
import { type Exporter, promiseExporter } from "@daybook/core"
import { type ServedTrail, tokenHeader, trailMeta, trailPaths } from "./trail-paths.ts"

export interface PageTrail {
  /** Where the day's files are, on the server's machine. */
  readonly folder: string
  readonly exporter: Exporter
  /** Opens the folder on the desktop. Rejects with an error that says where it is when it cannot be opened. */
  openFolder(): Promise<void>
}

const trailOf = ({ folder, token }: ServedTrail): PageTrail => {
  const post = (path: string, options: RequestInit = {}): Promise<Response> =>
    fetch(path, { ...options, method: "POST", headers: { [tokenHeader]: token } })
  return {
    folder,
    exporter: promiseExporter({
      name: "server",
      send: async (batch, signal) => {
        const { ok, status } = await post(trailPaths.lines, { body: new Uint8Array(batch.bytes()), signal })
        if (!ok) throw new Error(`the answer is ${status}`)
      }
    }),
    openFolder: async () => {
      // A server that is gone opens nothing either; the files stay.
      const isOpened = await post(trailPaths.folder).then(
        ({ ok }) => ok,
        () => false
      )
      if (!isOpened) throw new Error(`the day's files are in ${folder}`)
    }
  }
}

const meta = document.querySelector<HTMLMetaElement>(`meta[name="${trailMeta}"]`)

/** Undefined where the page comes from a server that keeps none. */
export const pageTrail: PageTrail | undefined =
  meta === null ? undefined : trailOf(JSON.parse(meta.content) as ServedTrail)
