// What an editor shows where an event is defined and made: the fields, written out, and not a name for their type.
// Read from the declarations that the compiler writes, which hold the same text.
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"

const core = join(import.meta.dirname, "..")
const scratch = mkdtempSync(join(core, "test/editor-hints-"))
afterAll(() => rmSync(scratch, { recursive: true }))

const program = `
import * as Schema from "effect/Schema"
import { PageOpened, readAs } from "../../src/catalogue/index.ts"
import { createAuditLog, type AuditEvent, defineEvent } from "../../src/index.ts"
import { memoryExporter } from "../../src/testing/index.ts"
export const Uploaded = defineEvent({
  category: "upload",
  fields: { filename: Schema.String, tags: Schema.optionalKey(Schema.Array(Schema.String)) },
  message: ({ filename }) => filename
})
export const read = (line: AuditEvent) => readAs(Uploaded, line)
export const Page = PageOpened
export const audit = createAuditLog({ app: "x", exporters: [memoryExporter()] })
export const durable = createAuditLog({ app: "x", exporters: [memoryExporter({ required: true })] })
`

describe("an editor shows", () => {
  let shown = ""
  beforeAll(() => {
    writeFileSync(join(scratch, "program.ts"), program)
    writeFileSync(
      join(scratch, "tsconfig.json"),
      JSON.stringify({
        extends: "../../tsconfig.test.json",
        compilerOptions: {
          noEmit: false,
          emitDeclarationOnly: true,
          declaration: true,
          incremental: false,
          tsBuildInfoFile: null,
          rootDir: "../..",
          outDir: "out"
        },
        include: ["program.ts"],
        references: []
      })
    )
    const tsc = spawnSync("tsc", ["-p", scratch], { encoding: "utf8" })
    expect(tsc.stdout).toBe("")
    const declarations = readFileSync(
      join(scratch, "out/test", scratch.split("/").at(-1) ?? "", "program.d.ts"),
      "utf8"
    )
    shown = declarations.replace(/import\("[^"]*"\)\./g, "").replace(/\s+/g, " ")
  })

  it("the values of a definition of one's own", () => {
    expect(shown).toContain(
      "const Uploaded: EventConstructor<{ readonly filename: string; readonly tags?: readonly string[]; }>;"
    )
  })

  it("the values of a line that was read back", () => {
    expect(shown).toContain("=> ReadEvent<{ readonly filename: string; readonly tags?: readonly string[]; }>")
  })

  it("the values of core's own events", () => {
    expect(shown).toMatch(
      /const Page: EventConstructor<\{ readonly actor\?: string; [^&]* readonly page: string; \}>;/
    )
  })

  it("a log by its name", () => {
    expect(shown).toContain("const audit: Audit;")
    expect(shown).toContain("const durable: CommittingAudit;")
  })
})
