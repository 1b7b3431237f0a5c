// The long campaign, run by hand when a delivery, a far end, the lines in files or what verify says of them have changed: 200 kills
// into each kind of far end, 50 power cuts, 1,000 random programs of deliveries, and 1,000 random histories of trails. `npm run
// test:faults` and `npm test` have a part of each.
// Usage: npm run campaign   (DAYBOOK_SEED begins the random programs, the histories and the kills elsewhere)

import { spawnSync } from "node:child_process"
import { join } from "node:path"

const env = {
  // Elsewhere each time: `npm test` begins its histories at 1.
  DAYBOOK_SEED: String(Date.now() % 2 ** 31),
  ...process.env,
  DAYBOOK_CYCLES: "200",
  DAYBOOK_CUTS: "25",
  DAYBOOK_PROGRAMS: "1000",
  DAYBOOK_HISTORIES: "1000"
}

const parts = [
  ["file-exporter", "test/delivery/random-delivery.slow.test.ts"],
  ["file-exporter", "test/verify/honest-histories.slow.test.ts"],
  ["sql-exporter", "--config", "vitest.faults.ts", "faults/delivery-kills", "faults/delivery-power-cuts"]
] as const

const codes = parts.map(([name, ...args]) => {
  const cwd = join(import.meta.dirname, "../packages", name)
  return spawnSync("vitest", ["run", ...args], { cwd, env, stdio: "inherit" }).status ?? 1
})
process.exitCode = Math.max(...codes)
