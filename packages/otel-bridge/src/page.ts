// What is different in a page: it may be left at any moment, and a browser then takes along small requests and drops the
// others. Elsewhere nothing of this happens.
import { otelLimits } from "./limits.ts"

const { process, navigator } = globalThis as {
  readonly process?: unknown
  readonly navigator?: { readonly onLine?: boolean }
}
const isNode = Object.prototype.toString.call(process) === "[object process]"

/** True in a page whose requests can outlive it. A document in Node is one of a test. */
export const isPage = "document" in globalThis && !isNode && "keepalive" in Request.prototype

/** The browser knows that nothing can be sent. */
export const isOffline = (): boolean => navigator?.onLine === false

/** What the browser would take along now: it allows so many bytes for all requests of a page that are under way. */
export class Luggage {
  private bytes = 0

  hasRoomFor(size: number, sizeMax: number = otelLimits.carriedBytesMax): boolean {
    return isPage && size <= sizeMax && this.bytes + size <= otelLimits.carriedBytesMax
  }

  /** Takes a request in. Returns how to say that it is over. */
  take(size: number): () => void {
    this.bytes += size
    return () => {
      this.bytes -= size
    }
  }
}

/** The page's: however many exporters and logs it has. */
export const luggage: Luggage = new Luggage()
