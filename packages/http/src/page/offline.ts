// What a page's log and its store say to each other, as types. The store itself is loaded only where it is asked for:
// offline-store.ts.
import type { StoredLine, WaitingLines } from "./waiting-lines.ts"

/** What the store needs of a page's log. */
export interface OfflinePage {
  readonly app: string
  readonly streamKey: string
  readonly lines: WaitingLines
  /** The highest `seq` so far. */
  recorded(): number
  /** Sends lines of a session that is over. */
  send(lines: WaitingLines, recorded: number): void
}

/** A store, for one page. */
export interface Offline {
  /** Keeps what waits, within a moment. */
  saveSoon(): void
  /** The page may be gone in a moment: keeps what waits, and lets other pages have it. */
  leave(): void
  /** The page is back. */
  back(): void
}

/** The module `@daybook/http/page/offline`. */
export interface OfflineModule {
  keepOffline(page: OfflinePage): Promise<Offline>
}

export type { StoredLine }
