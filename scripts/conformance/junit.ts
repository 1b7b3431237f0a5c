// Counts the tests in a JUnit file as Node, Deno and Bun write it. It reads only what all three agree on: one
// <testcase> per test, with <failure>, <error> or <skipped> inside when it did not pass.

import type { Total } from "../total.ts"

/** Attribute values may hold a bare ">", so a tag ends only outside its quotes. */
const testcase = /<testcase((?:\s+[\w:-]+="[^"]*")*)\s*(?:\/>|>([\s\S]*?)<\/testcase>)/g

/** Deno lists a suite beside its steps, named "suite > step": the steps are the tests. */
const separator = " &gt; "

export function readJunit(xml: string): Total {
  const cases = [...xml.matchAll(testcase)].map(([, attributes = "", body = ""]) => ({
    name: / name="([^"]*)"/.exec(attributes)?.[1] ?? "",
    body
  }))
  const suites = new Set(cases.map(({ name }) => name.slice(0, Math.max(name.lastIndexOf(separator), 0))))
  const tests = cases.filter(({ name }) => !suites.has(name))
  const failed = tests.filter(({ body }) => /<(failure|error)\b/.test(body)).length
  const skipped = tests.filter(({ body }) => /<skipped\b/.test(body)).length
  return { passed: tests.length - failed - skipped, failed, skipped }
}
