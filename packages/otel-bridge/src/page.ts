// What is different in a page: it may be left at any moment, and a browser then takes along small requests and drops the
// others. Elsewhere nothing of this happens.
import { otelLimits } from "./limits.ts"

/** True in a page, which has a document. */
export const isPage = "document" in globalThis

/** What the browser would take along now: it allows so many bytes for all requests under way. */
export class Luggage {
  private bytes = 0

  hasRoomFor(size: number): boolean {
    return isPage && this.bytes + size <= otelLimits.carriedBytesMax
  }

  /** Takes a request in. Returns how to say that it is over. */
  take(size: number): () => void {
    this.bytes += size
    return () => {
      this.bytes -= size
    }
  }
}
