// The bytes of waiting lines, once for all exporters: pages with columns beside them, and a pool of free ones.
// A page lives while any queue refers to one of its lines.
import { pageLimits } from "../limits.ts"

const { pageBytes, pageLinesMax, pooledPagesMax, categoryNamesMax } = pageLimits

const pageBits = Math.log2(pageLinesMax)

/** A line's place: `slot * pageLinesMax + index within the page`. */
export type LineRef = number

/** A line's index within its page. */
export const lineOf = (ref: LineRef): number => ref & (pageLinesMax - 1)

/** Some lines end to end, and one value a line in each column. */
export class Page {
  readonly bytes = new Uint8Array(pageBytes)
  readonly kind = new Uint8Array(pageLinesMax)
  readonly end = new Uint32Array(pageLinesMax)
  readonly time = new Float64Array(pageLinesMax)
  readonly day = new Int32Array(pageLinesMax)
  readonly level = new Uint8Array(pageLinesMax)
  readonly seq = new Float64Array(pageLinesMax)
  readonly category = new Uint16Array(pageLinesMax)
  /** Names of the `category` column, shared by neighbouring pages. */
  categoryNames: CategoryNames
  lines = 0
  /** True while lines are being added: an open page is not freed, even when nothing in it waits. */
  isOpen = true
  /** How many queue entries refer to lines of this page, over all queues. */
  live = 0

  readonly slot: number

  constructor(slot: number, names: CategoryNames) {
    this.slot = slot
    this.categoryNames = names
  }

  /** Where a line begins; for `lines`, where the next one will. */
  startOf(line: number): number {
    return line === 0 ? 0 : (this.end[line - 1] as number)
  }

  categoryOf(line: number): string {
    return this.categoryNames.list[this.category[line] as number] ?? ""
  }
}

/** Columns of a line about to be kept. */
export interface LineFacts {
  readonly kind: number
  readonly time: number
  readonly day: number
  readonly level: number
  readonly seq: number
  readonly category: string
}

class CategoryNames {
  readonly list: string[] = []
  readonly indices = new Map<string, number>()
}

/** All pages of one log. */
export class PageStore {
  /** The page that takes the next line. */
  current: Page
  private readonly pages: Page[] = []
  private readonly free: Page[] = []
  private readonly freeSlots: number[] = []
  private names = new CategoryNames()
  /** Index of the name that was looked up last, perhaps in another table. */
  private lastCategory = 0

  constructor() {
    this.current = this.openPage()
  }

  /** Calls back with each page that has become full, so that a queue with little in it can move out. */
  onFull: (page: Page) => void = () => undefined

  /** Pages that hold waiting lines, the current one included. */
  get pagesInUse(): number {
    return this.pages.length - this.free.length - this.freeSlots.length
  }

  page(ref: LineRef): Page {
    return this.pages[ref >>> pageBits] as Page
  }

  /** Turns to an empty page. The one left is freed at once if nothing in it is still waiting. */
  turn(): Page {
    const left = this.current
    this.current = this.openPage()
    // First: queues that then move out of it free it with their last line.
    this.closePage(left)
    this.onFull(left)
    return this.current
  }

  /** An empty page, to be filled by the log or, with its own lines, by one queue. */
  openPage(): Page {
    const page = this.free.pop() ?? this.allocate()
    page.lines = 0
    page.isOpen = true
    page.categoryNames = this.names
    return page
  }

  /** No line will be added any more: the page is freed as soon as nothing in it waits. */
  closePage(page: Page): void {
    page.isOpen = false
    this.freeIfDone(page)
  }

  /** Copies a line behind the last one of an open page. `undefined` when it does not fit there. */
  copy(ref: LineRef, target: Page): LineRef | undefined {
    const page = this.page(ref)
    const line = lineOf(ref)
    const bytes = page.bytes.subarray(page.startOf(line), page.end[line])
    const start = target.startOf(target.lines)
    const isNameless = target.lines > 0 && target.categoryNames !== page.categoryNames
    if (isNameless || target.lines === pageLinesMax || start + bytes.length > target.bytes.length)
      return undefined
    const at = target.lines++
    target.categoryNames = page.categoryNames
    target.bytes.set(bytes, start)
    target.end[at] = start + bytes.length
    target.kind[at] = page.kind[line] as number
    target.time[at] = page.time[line] as number
    target.day[at] = page.day[line] as number
    target.level[at] = page.level[line] as number
    target.seq[at] = page.seq[line] as number
    target.category[at] = page.category[line] as number
    return target.slot * pageLinesMax + at
  }

  /**
   * Keeps the line that was written behind the last one of the current page, up to `end`, and says where it is.
   * Nothing refers to it yet: a queue adds to the page's `live`, or no queue wants it: `forgetLast`.
   */
  keep(facts: LineFacts, end: number): LineRef {
    const page = this.current
    const line = page.lines++
    page.kind[line] = facts.kind
    page.end[line] = end
    page.time[line] = facts.time
    page.day[line] = facts.day
    page.level[line] = facts.level
    page.seq[line] = facts.seq
    page.category[line] = this.categoryIndex(page, facts.category)
    return page.slot * pageLinesMax + line
  }

  /** Takes back the line that was kept last, because no queue wanted it. */
  forgetLast(): void {
    this.current.lines -= 1
  }

  /** A queue is done with some lines of a page. */
  release(page: Page, lines: number): void {
    page.live -= lines
    this.freeIfDone(page)
  }

  /** Frees a page that takes no more lines, when no queue refers to one of its lines any more. */
  freeIfDone(page: Page): void {
    if (page.live === 0 && !page.isOpen) this.recycle(page)
  }

  /** True when the next line needs a fresh page for its columns; its bytes make room for themselves. */
  get isFull(): boolean {
    return this.current.lines === pageLinesMax
  }

  // A table that is full stays with its pages, and a fresh one begins: so a category is never wrong.
  private categoryIndex(page: Page, category: string): number {
    let { categoryNames } = page
    // Events of one category follow each other.
    const { lastCategory } = this
    if (categoryNames.list[lastCategory] === category) return lastCategory
    let index = categoryNames.indices.get(category)
    if (index !== undefined) {
      this.lastCategory = index
      return index
    }
    if (categoryNames.list.length >= categoryNamesMax && page.lines === 1) {
      categoryNames = new CategoryNames()
      this.names = categoryNames
      page.categoryNames = categoryNames
    }
    index = categoryNames.list.push(category) - 1
    categoryNames.indices.set(category, index)
    return index
  }

  private allocate(): Page {
    const slot = this.freeSlots.pop() ?? this.pages.length
    const page = new Page(slot, this.names)
    this.pages[slot] = page
    return page
  }

  private recycle(page: Page): void {
    if (this.free.length < pooledPagesMax) {
      this.free.push(page)
      return
    }
    delete this.pages[page.slot]
    this.freeSlots.push(page.slot)
  }
}
