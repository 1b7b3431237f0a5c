// Finds the ids of requirements in the names of tests. It reads source, so that nothing has to run: calls of it, test
// and describe in all their forms, completed from tables and loops as the runner would, and the cases of exporters and
// endings, which are data. Tests that are skipped, not written yet or expected to fail show nothing. Which ids exist is
// not known here.

import { type ESTree, parseSync } from "vite"
import type { SourceFile } from "../tidy/source-file.ts"
import { bind, memberOf, type Scope, staticValue, type Value } from "./static-values.ts"

export interface NamedTest {
  readonly path: string
  /** The test's own name after the names of the suites around it, joined by " > ". */
  readonly name: string
  /** The ids in the test's own name, in its order. */
  readonly ids: readonly string[]
}

/** Where tests are, as glob patterns relative to the repository's root. */
export const testFiles: readonly string[] = [
  "packages/*/test/**/*.test.{ts,tsx}",
  "packages/*/faults/**/*.test.ts",
  "packages/*/src/testing/*cases.ts",
  "examples/*/test/**/*.test.{ts,tsx}",
  "conformance/*.mjs"
]

/** Where an object with a name and a run is a test. */
const isCasesFile = (path: string): boolean =>
  path.includes("/src/testing/") || path === "conformance/endings.mjs"

/** S0.14 and F47, but not F71-lite, F7${n}, U+F8 or TLS1.2. */
const id = /(?<![\w.+-])(?:S\d+\.\d+|F\d+)(?![\w$-]|\.\d)/g

export function idsIn(name: string): readonly string[] {
  return [...new Set(name.match(id) ?? [])]
}

/** Every test and suite of the file that has an id in its name. */
export function namedTests(file: SourceFile): readonly NamedTest[] {
  const { program, errors } = parseSync(file.path, file.text)
  if (errors[0] !== undefined) throw new Error(`${file.path} cannot be parsed: ${errors[0].message}`)
  const walk = new Walk(file)
  walk.visit(program, new Map(), [])
  return walk.found
}

const tests = new Set(["it", "test"])
const suites = new Set(["describe", "suite"])
const showsNothing = new Set(["skip", "todo", "fails"])

class Walk {
  readonly found: NamedTest[] = []
  readonly #file: SourceFile

  constructor(file: SourceFile) {
    this.#file = file
  }

  /** Goes through a node with the constants known there and the names of the suites around it. */
  visit(node: ESTree.Node, scope: Map<string, Value>, around: readonly string[]): void {
    switch (node.type) {
      case "CallExpression":
        if (this.#call(node, scope, around)) return
        break
      case "ForOfStatement":
        this.#loop(node, scope, around)
        return
      case "VariableDeclaration":
        for (const { id, init } of node.declarations) {
          bind(id, node.kind === "const" ? this.#value(init, scope) : undefined, scope)
        }
        break
      case "ObjectExpression":
        if (isCasesFile(this.#file.path)) this.#caseAsData(node, scope, around)
        break
    }
    const inside = opensScope(node) ? new Map(scope) : scope
    if ("params" in node && Array.isArray(node.params)) {
      for (const param of node.params) bind(param, undefined, inside)
    }
    for (const child of childrenOf(node)) this.visit(child, inside, around)
  }

  #value(node: ESTree.Node | null | undefined, scope: Scope): Value {
    return staticValue(node, scope, this.#file.text)
  }

  #note(own: string, around: readonly string[]): void {
    const ids = idsIn(own)
    if (ids.length > 0) this.found.push({ path: this.#file.path, name: [...around, own].join(" > "), ids })
  }

  /** Whether the call was a test or a suite; the inside of a test is not looked at. */
  #call(call: ESTree.CallExpression, scope: Map<string, Value>, around: readonly string[]): boolean {
    const { root, members, table } = calleeOf(call)
    const title = this.#value(call.arguments[0], scope)
    if (typeof title !== "string" || !(tests.has(root) || suites.has(root))) return false
    if (members.some((member) => showsNothing.has(member))) return true
    const rows = table === undefined ? undefined : this.#value(table, scope)
    for (const name of Array.isArray(rows) ? rows.map((row) => completed(title, row)) : [title]) {
      this.#note(name, around)
      if (tests.has(root)) continue
      for (const body of call.arguments.slice(1)) this.visit(body, new Map(scope), [...around, name])
    }
    return true
  }

  #loop(loop: ESTree.ForOfStatement, scope: Map<string, Value>, around: readonly string[]): void {
    const { left } = loop
    const pattern = left.type === "VariableDeclaration" ? (left.declarations[0]?.id ?? null) : left
    const rows = this.#value(loop.right, scope)
    for (const row of Array.isArray(rows) ? rows : [undefined]) {
      const inside = new Map(scope)
      bind(pattern, row, inside)
      this.visit(loop.body, inside, around)
    }
  }

  #caseAsData(object: ESTree.ObjectExpression, scope: Scope, around: readonly string[]): void {
    const keys = object.properties.map(
      (it) => it.type === "Property" && it.key.type === "Identifier" && it.key.name
    )
    const name = memberOf(this.#value(object, scope), "name")
    if (typeof name === "string" && keys.includes("run")) this.#note(name, around)
  }
}

interface Callee {
  readonly root: string
  readonly members: readonly string[]
  /** The argument of `each` or `for`. */
  readonly table: ESTree.Node | undefined
}

/** `it.effect.each(rows)` → it, with effect and each, and rows */
function calleeOf(call: ESTree.CallExpression): Callee {
  const members: string[] = []
  let at: ESTree.Expression = call.callee
  const table = at.type === "CallExpression" ? at.arguments[0] : undefined
  for (;;) {
    if (at.type === "CallExpression") at = at.callee
    else if (at.type === "TaggedTemplateExpression") at = at.tag
    else if (at.type === "MemberExpression" && at.object.type !== "Super") {
      if (at.property.type === "Identifier") members.unshift(at.property.name)
      at = at.object
    } else break
  }
  const isTable = members.includes("each") || members.includes("for")
  return { root: at.type === "Identifier" ? at.name : "", members, table: isTable ? table : undefined }
}

/** A title of `each` with a row's texts and numbers in it, %s and its like in turn and $key by name. */
function completed(title: string, row: Value): string {
  const values: readonly Value[] = Array.isArray(row) ? row : [row]
  let next = 0
  const text = (value: Value, mark: string) => {
    if (typeof value !== "string" && typeof value !== "number") return mark
    return mark === "%j" ? JSON.stringify(value) : String(value)
  }
  return title
    .replace(/%[sdifjoO]/g, (mark) => text(values[next++], mark))
    .replace(/\$(\w+)/g, (mark, key: string) => text(memberOf(row, key), mark))
}

const opensScope = (node: ESTree.Node): boolean =>
  node.type === "BlockStatement" ||
  node.type === "ArrowFunctionExpression" ||
  node.type.startsWith("Function")

function childrenOf(node: ESTree.Node): readonly ESTree.Node[] {
  return Object.entries(node).flatMap(([key, value]) =>
    key === "parent" ? [] : (Array.isArray(value) ? value : [value]).filter(isNode)
  )
}

const isNode = (value: unknown): value is ESTree.Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string"
