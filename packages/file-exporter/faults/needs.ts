// What a fault needs of the machine: root, and a tool that may do its work. Where it is missing, the test is left out and says
// why, so that a run shows what it did not try.

import { spawnSync } from "node:child_process"
import { mkdtempSync, rmdirSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import process from "node:process"
import type { TestContext } from "vitest"

const succeeds = (command: string, ...args: readonly string[]): boolean =>
  spawnSync(command, args).status === 0

const canMount = (): boolean => {
  const dir = mkdtempSync(join(tmpdir(), "daybook-mount-"))
  const isMounted = succeeds("mount", "-t", "tmpfs", "none", dir)
  if (isMounted) succeeds("umount", dir)
  rmdirSync(dir)
  return isMounted
}

/** A container may have the tools and root, and still not let them. */
const trials: Readonly<Record<string, { readonly works: () => boolean; readonly why: string }>> = {
  strace: {
    works: () => succeeds("strace", "-o", "/dev/null", "true"),
    why: "tracing a process is not allowed here"
  },
  mount: { works: canMount, why: "mounting a file system is not allowed here" },
  losetup: { works: () => succeeds("losetup", "--find"), why: "there is no loop device" }
}

/** Skips the test unless this is root on Linux, and the tools are there and work. */
export const needsRoot = (test: TestContext, ...tools: readonly string[]): void => {
  if (process.platform !== "linux") test.skip("it traces and mounts, and knows how to on Linux only")
  if (process.getuid?.() !== 0) test.skip("only root may trace and mount")
  const missing = tools.filter((tool) => !succeeds("sh", "-c", `command -v ${tool}`))
  if (missing.length > 0) test.skip(`not installed: ${missing.join(", ")}`)
  for (const tool of tools) {
    const trial = trials[tool]
    if (trial !== undefined && !trial.works()) test.skip(trial.why)
  }
}
