// A worker that runs the cases of text inside workerd; lines go to an exporter in memory. A request without a name gets the names of
// all cases; one with a name runs that case and answers with its error.
import { Buffer } from "node:buffer"
import { createAuditLog } from "@daybook/core"
import { memoryExporter } from "@daybook/core/testing"
import { declareTextCases } from "../text-cases.mjs"
import { declared } from "./declared-tests.mjs"

const write = async (values) => {
  const memory = memoryExporter()
  const audit = createAuditLog({ app: "format", exporters: [memory] })
  for (const value of values) audit.log("text", String(value), { value })
  await audit.close({ timeoutMs: 10_000 })
  return { bytes: Buffer.from(memory.lines.map((line) => `${line}\n`).join("")), lines: memory.lines }
}

declareTextCases(write)

export const entries = {
  fetch: async (request) => {
    const name = new URL(request.url).searchParams.get("name")
    if (name === null) return Response.json([...declared.keys()])
    try {
      await declared.get(name)()
      return Response.json({ failure: null })
    } catch (error) {
      return Response.json({ failure: error.stack })
    }
  }
}
