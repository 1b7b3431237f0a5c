// Random honest histories: whatever happens to a folder without anybody's bad will, verify finds no problem in it, and no verdict
// that accuses. More of them are in honest-histories.slow.test.ts.
import { it } from "vitest"
import { expectHonest } from "./random-history-check.ts"

it("F122 no verdict accuses anybody in 40 random honest histories", () => expectHonest(40), 120_000)
