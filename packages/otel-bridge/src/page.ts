// What differs in a page: it may be left at any moment, and then the browser finishes only keepalive requests, up to 64 KiB
// together.
import { otelLimits } from "./limits.ts"

const { process, navigator } = globalThis as {
  readonly process?: unknown
  readonly navigator?: { readonly onLine?: boolean }
}
const isNode = Object.prototype.toString.call(process) === "[object process]"

/** True in a page whose requests can outlive it. A document in Node belongs to a test. */
export const isPage = "document" in globalThis && !isNode && "keepalive" in Request.prototype

/** True when the browser knows that it has no connection. */
export const isOffline = (): boolean => navigator?.onLine === false

/** The keepalive requests that are under way. A browser limits the bytes of all of them together. */
class KeepaliveBudget {
  private bytes = 0

  hasRoomFor(size: number, sizeMax: number = otelLimits.carriedBytesMax): boolean {
    return isPage && size <= sizeMax && this.bytes + size <= otelLimits.carriedBytesMax
  }

  /** Adds a request. Returns the function that removes it. */
  take(size: number): () => void {
    this.bytes += size
    return () => {
      this.bytes -= size
    }
  }
}

/** One for the page, shared by all exporters and logs. */
export const keepaliveBudget: KeepaliveBudget = new KeepaliveBudget()
