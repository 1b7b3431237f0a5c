// Counting: the plain total line is read as it was written, and JUnit files of all three kinds give the same number.

import { describe, expect, it } from "vitest"
import { readJunit } from "../conformance/junit.ts"
import { noTests, readTotal, totalLine } from "../total.ts"

describe("the plain total line", () => {
  it.each([
    [{ passed: 12, failed: 0, skipped: 0 }, "12 passed, 0 failed"],
    [{ passed: 12, failed: 3, skipped: 1 }, "12 passed, 3 failed, 1 skipped"]
  ])("reads back what it wrote: %j", (total, line) => {
    expect(totalLine(total)).toBe(line)
    expect(readTotal(line)).toEqual(total)
  })

  it.each(["conformance on deno: 7 passed, 0 failed", " 1 passed, 0 failed", "Tests  3 passed (3)", ""])(
    "is not seen in %j",
    (line) => {
      expect(readTotal(line)).toBeUndefined()
    }
  )
})

describe("a JUnit file", () => {
  it("of Node nests suites, and bare > may stand in an attribute", () => {
    const xml = `<testsuites>
      <testcase name="plain" time="0.1" classname="test"/>
      <testcase name="left out" classname="test"><skipped type="skipped" message="true"/></testcase>
      <testsuite name="a suite" tests="1">
        <testcase name="two" failure="no &lt;two>"><failure message="no &lt;two>">text</failure></testcase>
      </testsuite>
    </testsuites>`
    expect(readJunit(xml)).toEqual({ passed: 1, failed: 1, skipped: 1 })
  })

  it("of Deno lists suites beside their steps, which are the tests", () => {
    const xml = `<testsuite name="a.mjs">
      <testcase name="a suite" line="6"><failure message="1 test step failed">1 test step failed.</failure></testcase>
      <testcase name="plain" line="1">
      </testcase>
      <testcase name="a suite &gt; one" line="1">
      </testcase>
      <testcase name="a suite &gt; two" line="1"><failure message="no">no</failure></testcase>
    </testsuite>`
    expect(readJunit(xml)).toEqual({ passed: 2, failed: 1, skipped: 0 })
  })

  it("of Bun closes passing tests with a space", () => {
    const xml = `<testcase name="one" classname="" time="0.1" file="a.mjs" line="3" assertions="0" />`
    expect(readJunit(xml)).toEqual({ passed: 1, failed: 0, skipped: 0 })
  })

  it("without tests counts none", () => {
    expect(readJunit("<testsuites></testsuites>")).toEqual(noTests)
  })
})
