// Reads what the collector's file exporter has written, while it grows: each line is one request in OTLP's JSON. A last line
// that is not complete counts later.
import { closeSync, type FSWatcher, fstatSync, openSync, readdirSync, readSync, watch } from "node:fs"
import { join } from "node:path"
import { decodeRequest, type PlainRecord } from "../test/plain-record.ts"

const newline = 0x0a

export class RecordFiles {
  /** In the order of the files, and of each file's lines. */
  readonly requests: (readonly PlainRecord[])[] = []
  private readonly ends = new Map<string, number>()
  private readonly looks = new Set<() => void>()
  private readonly watcher: FSWatcher
  private readonly dir: string

  constructor(dir: string) {
    this.dir = dir
    this.watcher = watch(dir, () => this.look())
  }

  get records(): readonly PlainRecord[] {
    return this.requests.flat()
  }

  /** How many records there are: cheaper than `records.length`. */
  get count(): number {
    return this.requests.reduce((sum, { length }) => sum + length, 0)
  }

  /** Resolves as soon as `isMet`; checked whenever a file has grown. */
  until(isMet: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const one = (): void => {
        if (!isMet()) return
        this.looks.delete(one)
        resolve()
      }
      this.looks.add(one)
      this.look()
    })
  }

  close(): void {
    this.watcher.close()
  }

  /** Reads what is new. */
  private look(): void {
    for (const name of readdirSync(this.dir)
      .filter((file) => file.endsWith(".jsonl"))
      .sort()) {
      const start = this.ends.get(name) ?? 0
      const bytes = bytesFrom(join(this.dir, name), start)
      const end = bytes.lastIndexOf(newline) + 1
      if (end === 0) continue
      this.ends.set(name, start + end)
      for (const line of bytes
        .subarray(0, end - 1)
        .toString("utf8")
        .split("\n")) {
        this.requests.push(decodeRequest(Buffer.from(withEmptyKeys(line)), "application/json"))
      }
    }
    for (const one of [...this.looks]) one()
  }
}

/** Protobuf's JSON omits empty values and keys. Within a text these characters would be escaped. */
const withEmptyKeys = (line: string): string => line.replaceAll('{"value":', '{"key":"","value":')

const bytesFrom = (path: string, start: number): Buffer => {
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - start)
    readSync(file, bytes, 0, bytes.length, start)
    return bytes
  } finally {
    closeSync(file)
  }
}
