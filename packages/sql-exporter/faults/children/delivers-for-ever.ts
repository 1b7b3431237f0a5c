// Delivers a directory's lines. Says "ready", waits for a line on its stdin, and then delivers until it is killed, printing its
// health whenever its state changes; or, told "to the end", until all is settled, and prints what came of it.
// Arguments: the directory, the kind of the far end, and where that is.

import process from "node:process"
import { createInterface } from "node:readline"
import { deliver } from "@daybook/file-exporter/delivery"
import { exporterTo, type FarEndKind } from "../far-end.ts"

const [dir = "", kind, at = ""] = process.argv.slice(2)
const to = exporterTo(kind as FarEndKind, at)
const print = (value: unknown): void => void process.stdout.write(`${JSON.stringify(value)}\n`)
const input = createInterface({ input: process.stdin })
print("ready")
const [told] = await new Promise<readonly string[]>((resolve) =>
  input.once("line", (line) => resolve([line]))
)
const delivery = deliver({ app: "datatools", dir, to, pollMs: 20, backoff: { minMs: 100, maxMs: 1_000 } })
delivery.onHealth(({ state, delivered }) => print({ state, delivered }))
if (told === "to the end") {
  while (!(await delivery.flush({ timeoutMs: 30_000 })).complete);
  print(await delivery.close({ timeoutMs: 30_000 }))
  input.close()
}
