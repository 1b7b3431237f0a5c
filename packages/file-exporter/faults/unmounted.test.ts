// A file system that is detached under a log that goes on: the log makes its place again where the path leads now, says
// so once, and every event is either where the old path led or where the new one does.

import { spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { createAuditLog } from "@daybook/core"
import { expect, it, onTestFinished } from "vitest"
import { fileExporter } from "../src/index.ts"
import { app, freshDir, numbersTo } from "../test/tools/file-bench.ts"
import { needsRoot } from "./needs.ts"
import { expectReadable } from "./whole-days.ts"

/** A file system in memory, under two names: the second one still shows it when the first is detached. */
const mountTwice = (): { readonly dir: string; readonly alias: string } => {
  const [dir, alias] = [freshDir(), freshDir()]
  const mount = (...args: readonly string[]): void => {
    expect(spawnSync("mount", args).status, args.join(" ")).toBe(0)
    onTestFinished(() => void spawnSync("umount", ["-l", args.at(-1) ?? ""]))
  }
  mount("-t", "tmpfs", "-o", "size=8m,mode=0700", "none", dir)
  mount("--bind", dir, alias)
  return { dir, alias }
}

it.for([
  ["a parent of the log directory", "logs"],
  ["the log directory itself", "."]
] as const)(
  "F50 umount -l of %s: the log goes on in a new place, tells it once, and nothing is lost",
  async ([, below], test) => {
    needsRoot(test, "mount", "umount")
    const { dir: mounted, alias } = mountTwice()
    const dir = join(mounted, below)
    const notices: string[] = []
    const exporters = [fileExporter({ dir })]
    const audit = createAuditLog({ app, exporters, notice: (text) => notices.push(text), exitHook: false })
    const say = async (): Promise<void> => {
      for (let n = 1; n <= 50; n++) audit.log("load", "one of fifty", { n })
      expect(await audit.flush({ timeoutMs: 10_000 })).toMatchObject({ complete: true })
    }
    await say()
    expect(spawnSync("umount", ["-l", mounted]).status).toBe(0)
    expect(readdirSync(mounted)).toEqual([])
    await say()
    await say()
    expect(await audit.close({ timeoutMs: 10_000 })).toMatchObject({
      complete: true,
      written: 150,
      dropped: 0
    })
    const before = await expectReadable(join(alias, below))
    expect(before.seqs).toEqual(numbersTo(50))
    // What stands in the old place is not here: who reads this one is told that its file was replaced.
    const after = await expectReadable(dir)
    expect(after.seqs).toEqual(numbersTo(150).slice(50))
    expect({ repeated: after.repeated, damaged: after.damaged }).toEqual({ repeated: 0, damaged: [] })
    expect(notices).toEqual([
      expect.stringMatching(/directory was removed|another (file|directory|file system)|replaced/)
    ])
  }
)
