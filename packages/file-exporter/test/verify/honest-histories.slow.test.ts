// Random honest histories, many of them: see random-history.ts. A failure names its seed, which `DAYBOOK_SEED` repeats.
// `npm run campaign` lives a thousand.
import process from "node:process"
import { it } from "vitest"
import { expectHonest } from "./random-history-check.ts"

const histories = Number(process.env.DAYBOOK_HISTORIES ?? 200)

it(
  "F122 no verdict accuses anybody in many random honest histories",
  () => expectHonest(histories),
  1_800_000
)
