import { verify } from "../../src/index.ts"
import { publicPem } from "../tools/seal-test-key.ts"
import { it } from "vitest"
import { mkdtempSync, readFileSync } from "node:fs"
import { RandomHistory } from "./random-history.ts"
import { filesBelow } from "../tools/file-bench.ts"
it("x", async () => {
  const dir = mkdtempSync("/tmp/daybook-history-")
  const h = new RandomHistory(dir, Number(process.env.DAYBOOK_SEED))
  await h.live()
  console.log(h.story.join("\n"))
  const report = await verify({ app: "datatools", dir, publicKey: publicPem, anchors: h.folder.anchors })
  const bad = new Set(report.problems.map((p) => p.session))
  console.log(report.verdict, report.problems.map((p) => `${p.file} ${p.kind} ${p.session} ${p.text}`).join("\n"))
  console.log(h.folder.anchors.filter((a) => bad.has(a.session)).map((a) => JSON.stringify(a)).join("\n"))
  for (const f of filesBelow(dir)) {
    const t = readFileSync(`${dir}/${f}`, "utf8")
    console.log(f, t.length)
    for (const l of t.split("\n")) { try { const j = JSON.parse(l); if (j.category === "seal" && bad.has(j.session)) console.log("   seal", j.session, j.k, j.lines, j.skip, j.ts) } catch { console.log("   FRAG", l.length, l.slice(0, 120)) } }
  }
})
