// The attack list, run: every row in every layout, on a trail that real logs have written to real files, and what `verify` says
// of it without a key, with it, and with anchors. The list is data: attack-list/.
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { describeReport, type VerifyOptions, type VerifyReport, verify } from "../../src/index.ts"
import type { Layout } from "../../src/place/layout.node.ts"
import { app } from "../tools/file-bench.ts"
import { publicPem } from "../tools/seal-test-key.ts"
import { MemoryFiles } from "../tools/sealed-files.ts"
import { makeLonely, makeTrail, putFiles, type Trail, type TrailOptions } from "../tools/trails.ts"
import { attacks } from "./attack-list/all.ts"
import { isUnclaimed, type Scene, saysOf, verdictsIn } from "./attack-list/attack.ts"

const scratch = mkdtempSync(join(tmpdir(), "daybook-attacks-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))
let dirs = 0
const freshDir = (): string => join(scratch, String(++dirs))

const layouts: readonly Layout[] = ["daily", "session", "user"]
const trails = new Map<string, Promise<Trail>>()

/** An honest trail, made once. */
const trailOf = (name: string, options: Omit<TrailOptions, "dir">): Promise<Trail> => {
  const known = trails.get(`${name} ${options.layout}`) ?? makeTrail({ ...options, dir: freshDir() })
  trails.set(`${name} ${options.layout}`, known)
  return known
}

const sceneOf = async (layout: Layout, name: "own" | "young"): Promise<Scene> => {
  const trail = await (name === "young"
    ? trailOf("young", { layout, days: 4, retentionDays: 7 })
    : trailOf("own", { layout }))
  const elsewhere = await trailOf("elsewhere", { layout })
  const otherApp = await trailOf("other app", { layout, app: "othertools" })
  const lonely = await makeLonely(layout, freshDir())
  const anchorsHere = trail.anchors.filter(({ file }) => trail.files.files.has(file))
  return { ...trail, anchorsHere, files: trail.files.copy(), elsewhere, lonely, otherApp, freshDir }
}

const given = ["nothing", "the key", "the key and all anchors", "the key and anchors of deleted files too"]

/** What `verify` says of the files, for each of the four that may ask. */
const ask = async (
  { anchors, anchorsHere }: Pick<Scene, "anchors" | "anchorsHere">,
  files: Trail["files"],
  options: Partial<VerifyOptions> = {}
): Promise<readonly VerifyReport[]> => {
  const dir = freshDir()
  putFiles(dir, files)
  const publicKey = publicPem
  const reports: VerifyReport[] = []
  for (const more of [{}, { publicKey }, { publicKey, anchors: anchorsHere }, { publicKey, anchors }])
    reports.push(await verify({ app, dir, ...more, ...options }))
  return reports
}

const good = ["intact", "signed", "anchored"]

/** Only our own words, and none of them where a line could be taken for our verdict. */
const expectClean = (text: string): void => {
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  expect(text.split("\n").filter((line) => /^[A-Z]{4,}\b/.test(line))).toHaveLength(1)
}

for (const layout of layouts)
  describe(`F120 in the layout "${layout}"`, () => {
    it("the honest trail is intact, signed, anchored, and anchored", async () => {
      for (const name of ["own", "young"] as const) {
        const scene = await sceneOf(layout, name)
        const reports = await ask(scene, scene.files)
        expect(reports.map(({ verdict, problems }) => [verdict, ...problems])).toEqual([
          ["intact"],
          ["signed"],
          ["anchored"],
          ["anchored"]
        ])
      }
    })

    it.each(attacks.filter((attack) => attack.layouts?.includes(layout) !== false))(
      "$name",
      async (attack) => {
        const scene = await sceneOf(layout, attack.isYoung === true ? "young" : "own")
        const done = await attack.do(scene)
        const files = done instanceof MemoryFiles ? done : scene.files
        const reports = await ask(scene, files, attack.options)
        const found = reports.map(({ verdict, problems, notes }, index) => {
          const wanted = saysOf(attack, layout)[index]?.split(" ").slice(1) ?? []
          const kinds = new Set<string>([...problems, ...notes].map(({ kind }) => kind))
          const says = saysOf(attack, layout)[index] ?? ""
          const right = verdictsIn(says).includes(String(verdict)) ? says.split(" ")[0] : verdict
          return [right, ...wanted.filter((kind) => kinds.has(kind))].join(" ")
        })
        const wanted = saysOf(attack, layout)
        const told = reports.map((report) => describeReport(report))
        expect(
          Object.fromEntries(found.map((says, index) => [given[index], says])),
          `verdicts: ${found.join(" / ")}; wanted ${wanted.join(" / ")}\n${told.join("\n")}`
        ).toEqual(Object.fromEntries(wanted.map((says, index) => [given[index], says])))
        for (const text of told) expectClean(text)
        if (!isUnclaimed(attack.threat))
          for (const report of reports.slice(1)) expect(good).not.toContain(report.verdict)
      }
    )
  })
