// The client's lines are core's lines, byte for byte.
import { readFileSync } from "node:fs"
import { levels } from "@daybook/core"
import { describe, expect, it } from "vitest"
import { atTime, LineMaker } from "../../src/page/line-maker.ts"

interface Vector {
  readonly name: string
  readonly draft: {
    readonly level?: number
    readonly category?: string
    readonly message?: string
    readonly seq?: number
  }
  readonly fields?: Record<string, unknown>
  readonly extras?: Record<string, unknown>
  readonly line: string
}

const file: { readonly clock: string; readonly stream_key: string; readonly vectors: readonly Vector[] } =
  JSON.parse(readFileSync(new URL("../../../../docs/internals/format-vectors.json", import.meta.url), "utf8"))
const time = Date.parse(file.clock)

describe("a page's line", () => {
  it.each(file.vectors.map((vector) => [vector.name, vector] as const))("vector: %s", (_name, vector) => {
    const { draft, fields, extras, line } = vector
    const { level = 1, category = "upload", message = "", seq = 1 } = draft
    const maker = new LineMaker(undefined, file.stream_key)
    maker.seq = seq - 1
    const made =
      seq === 0
        ? maker.gap(fields as never, time)
        : maker.event(
            {
              category,
              level: levels[level] ?? "info",
              message,
              ...(fields === undefined ? {} : { fields }),
              extras
            },
            time
          )
    expect(made).toBe(`${line}\n`)
  })

  it("can be moved to another time", () => {
    const maker = new LineMaker(undefined, file.stream_key)
    const line = maker.event({ category: "a", level: "info", message: "m" }, time)
    expect(JSON.parse(atTime(line, time + 1_000))).toEqual({
      ...JSON.parse(line),
      ts: new Date(time + 1_000).toISOString()
    })
  })
})
