// Random honest histories, a thousand of them: see random-history.ts. A failure names its seed, which `DAYBOOK_SEED` repeats.
import { it } from "vitest"
import { expectHonest } from "./random-history-check.ts"

it("F122 no verdict accuses anybody in 1,000 random honest histories", () => expectHonest(1_000), 900_000)
