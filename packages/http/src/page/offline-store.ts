// What waits for the server, in IndexedDB: for the next visit, or another tab of the same app. A session's lines are its own as long as
// its page holds a lock of that name; those of sessions without one are taken over, by one tab at a time.
import { pageLimits } from "./limits.ts"
import type { Offline, OfflinePage, StoredLine } from "./offline.ts"
import { WaitingLines } from "./waiting-lines.ts"

const storeName = "lines"
/** Of each session, under 0: the highest `seq`. */
const recordedKey = 0

/** Opens the store, and sends what earlier sessions left there. */
export const keepOffline = async (page: OfflinePage): Promise<Offline> => {
  const store = new OfflineStore(page, await openDatabase(page.app))
  store.back()
  return store
}

const openDatabase = (app: string): Promise<IDBDatabase> => {
  const request = indexedDB.open(`daybook ${app}`, 1)
  request.onupgradeneeded = () => void request.result.createObjectStore(storeName)
  return resultOf(request)
}

const resultOf = <Result>(request: IDBRequest<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

class OfflineStore implements Offline {
  private database: IDBDatabase | undefined
  private readonly page: OfflinePage
  /** The highest `seq` that was stored; what comes behind is not there. */
  private stored = 0
  /** Stretches of ours that can go. */
  private gone: [first: number, last: number][] = []
  private timer: ReturnType<typeof setTimeout> | undefined
  private releases: (() => void)[] = []
  private isAway = true
  private isFull = false

  constructor(page: OfflinePage, database: IDBDatabase) {
    this.page = page
    this.use(database)
    page.lines.onGone = (first, last) => {
      if (first > this.stored) return
      this.gone.push([first, last])
      this.saveSoon()
    }
  }

  saveSoon(): void {
    this.timer ??= setTimeout(() => this.save(), pageLimits.saveMs)
  }

  leave(): void {
    this.save()
    this.isAway = true
    // A page that holds a lock cannot go to the back/forward cache.
    for (const release of this.releases.splice(0)) release()
  }

  back(): void {
    if (!this.isAway) return
    this.isAway = false
    const { app, streamKey } = this.page
    void this.hold(lockOf(app, streamKey), () => undefined)
    void this.hold(`daybook ${app}`, () => this.takeOver())
  }

  // Browsers close connections for reasons of their own.
  private use(database: IDBDatabase): void {
    this.database = database
    database.onclose = () => {
      this.database = undefined
      openDatabase(this.page.app).then((again) => this.use(again), ignore)
    }
    // A newer version of us in another tab.
    database.onversionchange = () => database.close()
  }

  /** Everything is handed over within this call: after it, the page may be gone. */
  private save(): void {
    clearTimeout(this.timer)
    this.timer = undefined
    const { lines, streamKey, recorded } = this.page
    if (lines.isEmpty && this.gone.length === 0) return
    this.write((store) => {
      for (const [first, last] of this.gone.splice(0)) store.delete(stretch(streamKey, first, last))
      if (lines.isEmpty) return void store.delete([streamKey, recordedKey])
      if (this.isFull) return
      store.put(recorded.call(this.page), [streamKey, recordedKey])
      // A gap claim stands in the place of lines that were stored.
      for (const line of lines.stored)
        if (line.last > this.stored || line.category === "gap") store.put(line, [streamKey, line.first])
      this.stored = recorded.call(this.page)
    })
  }

  private write(use: (store: IDBObjectStore) => void): void {
    try {
      const transaction = this.database?.transaction(storeName, "readwrite", { durability: "relaxed" })
      if (transaction === undefined) return
      transaction.onabort = () => {
        // No room: what is stored is kept, and no more is tried.
        this.isFull = true
      }
      use(transaction.objectStore(storeName))
      transaction.commit()
    } catch {
      // The connection is closing; it is opened anew.
    }
  }

  // Sends what sessions left that hold no lock any more.
  private async takeOver(): Promise<void> {
    const { app, streamKey: own } = this.page
    const store = this.database?.transaction(storeName).objectStore(storeName)
    if (store === undefined) return
    const [keys, values] = await Promise.all([resultOf(store.getAllKeys()), resultOf(store.getAll())])
    this.isFull = keys.length > pageLimits.storedMax
    const held = new Set((await navigator.locks.query()).held?.map(({ name }) => name))
    const sessions = new Map<string, { recorded: number; readonly lines: StoredLine[] }>()
    for (const [index, key] of keys.entries()) {
      const [streamKey, place] = key as [string, number]
      if (streamKey === own || held.has(lockOf(app, streamKey))) continue
      const session = sessions.get(streamKey) ?? { recorded: 0, lines: [] }
      if (place === recordedKey) session.recorded = values[index] as number
      else session.lines.push(values[index] as StoredLine)
      sessions.set(streamKey, session)
    }
    await Promise.all([...sessions].map(([streamKey, session]) => this.send(streamKey, session)))
  }

  /** Resolves when all of a session has its answer. */
  private send(
    streamKey: string,
    { recorded, lines: stored }: { readonly recorded: number; readonly lines: readonly StoredLine[] }
  ): Promise<void> {
    const lines = new WaitingLines(() => "")
    lines.restore(stored)
    return new Promise((resolve) => {
      let gone: [first: number, last: number][] = []
      lines.onGone = (first, last) => gone.push([first, last])
      lines.onChange = () => {
        const settled = gone
        gone = []
        this.write((store) => {
          for (const [first, last] of settled) store.delete(stretch(streamKey, first, last))
          if (lines.isEmpty) store.delete([streamKey, recordedKey])
        })
        if (lines.isEmpty) resolve()
      }
      if (lines.isEmpty) lines.onChange()
      else this.page.send(lines, recorded)
    })
  }

  /** Holds a lock until the work is done; without work, until the page is left. */
  private async hold(name: string, work: () => Promise<void> | undefined): Promise<void> {
    const left = new Promise<void>((resolve) => this.releases.push(resolve))
    try {
      await navigator.locks.request(name, () => Promise.race([work() ?? left, left]))
    } catch {
      // Without locks there is one tab at most that knows of these lines: none takes over.
    }
  }
}

const ignore = (): undefined => undefined

const lockOf = (app: string, streamKey: string): string => `daybook ${app} ${streamKey}`

const stretch = (streamKey: string, first: number, last: number): IDBKeyRange =>
  IDBKeyRange.bound([streamKey, first], [streamKey, last])
