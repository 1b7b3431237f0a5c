import { describe, expect, it } from "vitest"
import { inRoundOrder, median, quantile, ratiosByRound, spreadOf } from "../src/statistics.ts"

describe("median", () => {
  it("is the middle one of an odd number of values, in whatever order they come", () => {
    expect(median([9, 1, 5])).toBe(5)
  })

  it("is the mean of the two middle ones of an even number", () => {
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it("is not a number where there is none", () => {
    expect(median([])).toBeNaN()
  })

  it("is not moved by one wild round", () => {
    expect(median([1, 1, 1, 1, 1_000])).toBe(1)
  })

  it("sorts numbers as numbers", () => {
    expect(median([100, 9, 20])).toBe(20)
  })
})

describe("spreadOf", () => {
  it("gives median, least, greatest and the number of rounds", () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3, rounds: 3 })
  })

  it("has no numbers where there is no round", () => {
    expect(spreadOf([])).toEqual({ median: Number.NaN, min: Number.NaN, max: Number.NaN, rounds: 0 })
  })
})

describe("ratiosByRound", () => {
  it("divides round by round, so that a slow round slows both sides", () => {
    expect(ratiosByRound([1, 10], [2, 20])).toEqual([0.5, 0.5])
  })

  it("leaves out rounds in which either side failed", () => {
    expect(ratiosByRound([1, undefined, 3], [2, 2, undefined])).toEqual([0.5])
  })

  it("leaves out rounds that the other side did not run", () => {
    expect(ratiosByRound([1, 2, 3], [1])).toEqual([1])
  })

  it("does not divide by nothing", () => {
    expect(ratiosByRound([1], [0])).toEqual([])
  })
})

describe("inRoundOrder", () => {
  it("turns every second round round, and leaves the list as it is", () => {
    const items = ["a", "b", "c"]
    expect([0, 1, 2].map((round) => inRoundOrder(items, round).join(""))).toEqual(["abc", "cba", "abc"])
    expect(items).toEqual(["a", "b", "c"])
  })
})

describe("quantile", () => {
  it("is a value that was measured", () => {
    expect(quantile([30, 10, 20, 40], 0.5)).toBe(30)
    expect(quantile([30, 10, 20, 40], 0.99)).toBe(40)
    expect(quantile([7], 0.99)).toBe(7)
  })

  it("is not a number where there is none", () => {
    expect(quantile([], 0.5)).toBeNaN()
  })
})
