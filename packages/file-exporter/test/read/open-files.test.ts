// The files that a reader has open: never more than allowed, and each the one that it was when it was opened first.

import { renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { ReadFiles } from "../../src/read/open-files.ts"
import { freshDir } from "../tools/file-bench.ts"
import { countingLayer, write } from "../tools/reading.ts"

describe("F79 open files", () => {
  it("the one that was read longest ago is closed for the next, and opened again when it is needed", async () => {
    const dir = freshDir()
    const { layer, asked } = countingLayer()
    const files = new ReadFiles(layer, 2)
    const [a, b, c] = ["a", "b", "c"].map((name) => files.file(write(join(dir, name), name.repeat(3))))
    const byteAt = async (file: typeof a, position: number): Promise<string> => {
      const into = new Uint8Array(1)
      await file?.read(into, position)
      return String.fromCharCode(into[0] ?? 0)
    }
    expect([await byteAt(a, 0), await byteAt(b, 0), await byteAt(a, 1)].join("")).toBe("aba")
    expect(await byteAt(c, 0)).toBe("c")
    expect([a?.isOpen, b?.isOpen, c?.isOpen]).toEqual([true, false, true])
    expect(await byteAt(b, 2)).toBe("b")
    expect([a?.isOpen, b?.isOpen, c?.isOpen]).toEqual([false, true, true])
    expect(asked).toMatchObject({ opened: 4, openNow: 2, openMost: 2 })
    await files.closeAll()
    expect(asked.openNow).toBe(0)
  })

  it("another file under its name, or none, is not read as if it were the same one", async () => {
    const dir = freshDir()
    const path = write(join(dir, "a"), "first")
    const files = new ReadFiles(countingLayer().layer)
    const file = files.file(path)
    const into = new Uint8Array(5)
    expect(await file.read(into, 0)).toBe(5)
    await file.close()
    renameSync(path, `${path}.1`)
    writeFileSync(path, "other")
    await expect(file.read(into, 0)).rejects.toThrow("it was replaced while it was read")
    expect(file.isOpen).toBe(false)
    rmSync(path)
    await expect(file.read(into, 0)).rejects.toThrow("it was removed while it was read")
    renameSync(`${path}.1`, path)
    expect(await file.read(into, 0)).toBe(5)
    await files.closeAll()
  })

  it("one that never was there is empty", async () => {
    const file = new ReadFiles(countingLayer().layer).file(join(freshDir(), "missing"))
    expect(await file.facts()).toBeUndefined()
    expect(await file.read(new Uint8Array(1), 0)).toBe(0)
  })
})
