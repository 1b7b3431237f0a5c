// The types that an application gets without the types of its bundler, as a bundler and as Node look them up.
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it, onTestFinished } from "vitest"

const pkg = join(import.meta.dirname, "../..")

const program = `
import "@daybook/react-hooks/diagnostics.css"
import { DiagnosticsPanel } from "@daybook/react-hooks"
export const Panel = () => <DiagnosticsPanel title="Audit log" />
`

it.each(["bundler", "nodenext"])(
  "the style sheet is imported without a declaration of one's own: %s",
  (how) => {
    const scratch = join(pkg, ".vitest")
    mkdirSync(scratch, { recursive: true })
    const dir = mkdtempSync(join(scratch, "types-"))
    onTestFinished(() => rmSync(dir, { recursive: true }))
    const options = {
      module: how === "bundler" ? "esnext" : "nodenext",
      moduleResolution: how,
      customConditions: ["@daybook/source", "browser"],
      allowImportingTsExtensions: true,
      jsx: "react-jsx",
      lib: ["es2023", "dom"],
      target: "es2023",
      types: [],
      strict: true,
      noUncheckedSideEffectImports: true,
      noEmit: true
    }
    writeFileSync(
      join(dir, "tsconfig.json"),
      JSON.stringify({ compilerOptions: options, include: ["*.tsx"] })
    )
    writeFileSync(join(dir, "page.tsx"), program)
    const { status, stdout } = spawnSync("tsc", ["-p", dir], { encoding: "utf8" })
    expect(stdout).toBe("")
    expect(status).toBe(0)
  }
)
