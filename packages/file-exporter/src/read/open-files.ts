// The files that a reader has open, never more than a few: the one that was read longest ago is closed, and opened again
// when it is needed. Checks that each is a regular file, and still the one that it was.
import { PackedFile, type Unpacked } from "../disk/packed-file.node.ts"
import type { OpenFile, ReadFacts, ReadLayer } from "../disk/read-layer.ts"
import { readLimits } from "../limits.ts"
import { isPackedName } from "../place/layout.node.ts"

/** Hands out files that share a bound of open ones. */
export class ReadFiles {
  private readonly layer: ReadLayer
  private readonly openMax: number
  /** Least recently read first. */
  private readonly open = new Map<ReadFile, OpenFile>()

  constructor(layer: ReadLayer, openMax: number = readLimits.openFilesMax) {
    this.layer = layer
    this.openMax = openMax
  }

  file(path: string): ReadFile {
    return new ReadFile(path, this)
  }

  isOpen(file: ReadFile): boolean {
    return this.open.has(file)
  }

  /** The open file, now the most recently read; `undefined` when it is not there. */
  async opened(file: ReadFile): Promise<OpenFile | undefined> {
    const known = this.open.get(file)
    this.open.delete(file)
    for (const oldest of known === undefined ? [...this.open.keys()] : []) {
      if (this.open.size < this.openMax) break
      await this.close(oldest)
    }
    const found = known ?? (await this.openAnew(file))
    if (found !== undefined) this.open.set(file, found)
    return found
  }

  private async openAnew({ path, isBackward }: ReadFile): Promise<OpenFile | undefined> {
    const handle = await this.layer.open(path)
    return handle !== undefined && isPackedName(path) ? new PackedFile(handle, isBackward) : handle
  }

  async close(file: ReadFile): Promise<void> {
    const handle = this.open.get(file)
    this.open.delete(file)
    await handle?.close()
  }

  async closeAll(): Promise<void> {
    for (const file of [...this.open.keys()]) await this.close(file)
  }
}

/** One file, under the name that it had when it was opened first. */
export class ReadFile {
  readonly path: string
  /** Known from the first opening on. */
  id: string | undefined
  /** It is read from its end. */
  isBackward = false
  private readonly files: ReadFiles

  constructor(path: string, files: ReadFiles) {
    this.path = path
    this.files = files
  }

  get isOpen(): boolean {
    return this.files.isOpen(this)
  }

  /** `undefined` when it is not there: it may have been deleted since it was listed. */
  async facts(): Promise<ReadFacts | undefined> {
    return (await this.checked())?.facts
  }

  /** How many bytes of lines it has: for reading it from its end. A file that is not there has none. */
  async unpacked(): Promise<Unpacked> {
    this.isBackward = true
    const checked = await this.checked()
    if (checked?.handle instanceof PackedFile) return checked.handle.unpacked()
    return { size: checked?.facts.size ?? 0 }
  }

  async read(into: Uint8Array, position: number): Promise<number> {
    const handle = this.isOpen ? await this.files.opened(this) : (await this.checked())?.handle
    if (handle !== undefined) return handle.read(into, position)
    if (this.id === undefined) return 0
    throw new Error("it was removed while it was read")
  }

  close(): Promise<void> {
    return this.files.close(this)
  }

  private async checked(): Promise<{ handle: OpenFile; facts: ReadFacts } | undefined> {
    const handle = await this.files.opened(this)
    if (handle === undefined) return undefined
    try {
      const facts = await handle.facts()
      if (facts.kind !== "file") throw new Error("it is not a regular file")
      this.id ??= facts.id
      if (this.id !== facts.id) throw new Error("it was replaced while it was read")
      return { handle, facts }
    } catch (error) {
      await this.close()
      throw error
    }
  }
}
