import { it } from "vitest"
import { mkdtempSync, readFileSync } from "node:fs"
import { RandomHistory } from "./random-history.ts"
import { filesBelow } from "../tools/file-bench.ts"
it("x", async () => {
  const dir = mkdtempSync("/tmp/daybook-history-")
  const h = new RandomHistory(dir, Number(process.env.DAYBOOK_SEED))
  await h.live()
  console.log(h.story.join("\n"))
  for (const f of filesBelow(dir)) {
    const t = readFileSync(`${dir}/${f}`, "utf8")
    console.log(f, t.length)
    for (const l of t.split("\n")) { try { const j = JSON.parse(l); if (j.category === "seal") console.log("   seal", j.session, j.k, j.lines, j.skip, j.ts) } catch { console.log("   FRAG", l.length, l.slice(0, 120)) } }
  }
})
