import { describe, expect, it } from "vitest"
import { readOptions } from "../src/options.ts"

const measures = ["producer", "throughput"]

describe("readOptions", () => {
  it("runs everything on Node, five rounds, by default", () => {
    expect(readOptions([], measures)).toEqual({
      scale: "normal",
      rounds: 5,
      only: undefined,
      libraries: undefined,
      runtime: "node",
      isReportOnly: false
    })
  })

  it("runs one round of a smoke run", () => {
    expect(readOptions(["--smoke"], measures)).toMatchObject({ scale: "smoke", rounds: 1 })
  })

  it("takes lists, and takes CPU and memory from the runs of throughput", () => {
    const args = ["--only", "producer,cpu,memory", "--libraries", "daybook,pino-async", "--rounds", "7"]
    expect(readOptions(args, measures)).toMatchObject({
      only: ["producer", "throughput"],
      libraries: ["daybook", "pino-async"],
      rounds: 7
    })
  })

  it.each([
    ["--only", "nothing"],
    ["--libraries", "unknown"],
    ["--rounds", "0"],
    ["--rounds", "many"],
    ["--runtime", "browser"]
  ])("says what it knows instead of %s %s", (...args) => {
    expect(() => readOptions(args, measures)).toThrow("npm run bench")
  })
})
