// What an expression is worth as far as its source alone tells: literals, templates, tables of them, and the constants
// that hold them. Anything else is undefined, and nothing is ever run. It serves the names of tests, which tables and
// loops often complete.

import type { ESTree } from "vite"

export type Value = string | number | undefined | readonly Value[] | { readonly [key: string]: Value }

/** The constants that are known at a place of the source. */
export type Scope = ReadonlyMap<string, Value>

/** The value of an expression; `source` is the text that its places refer to. */
export function staticValue(node: ESTree.Node | null | undefined, scope: Scope, source: string): Value {
  switch (node?.type) {
    case "Literal":
      return typeof node.value === "string" || typeof node.value === "number" ? node.value : undefined
    case "TemplateLiteral":
      return templateOf(node, scope, source)
    case "BinaryExpression":
      return sumOf(node, scope, source)
    case "ArrayExpression":
      return node.elements.map((element) => staticValue(element, scope, source))
    case "ObjectExpression":
      return Object.fromEntries(
        node.properties
          .filter((property) => property.type === "Property")
          .map((property) => [keyOf(property) ?? "", staticValue(property.value, scope, source)])
      )
    case "Identifier":
      return scope.get(node.name)
    case "MemberExpression":
      return node.property.type === "Identifier" && !node.computed
        ? memberOf(staticValue(node.object, scope, source), node.property.name)
        : undefined
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "ParenthesizedExpression":
      return staticValue(node.expression, scope, source)
    default:
      return undefined
  }
}

/** Adds what a pattern names, `x`, `{ id, kind = "…" }` or `[id]`, to the scope. */
export function bind(pattern: ESTree.Node | null, value: Value, scope: Map<string, Value>): void {
  if (pattern?.type === "Identifier") scope.set(pattern.name, value)
  else if (pattern?.type === "AssignmentPattern") bind(pattern.left, value, scope)
  else if (pattern?.type === "ArrayPattern") {
    for (const [index, element] of pattern.elements.entries()) bind(element, itemOf(value, index), scope)
  } else if (pattern?.type === "ObjectPattern") {
    for (const property of pattern.properties) {
      if (property.type === "Property") bind(property.value, memberOf(value, keyOf(property) ?? ""), scope)
    }
  }
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value)

const itemOf = (value: Value, index: number): Value => (isList(value) ? value[index] : undefined)

export function memberOf(value: Value, key: string): Value {
  if (typeof value !== "object" || isList(value) || !Object.hasOwn(value, key)) return undefined
  return value[key]
}

function keyOf({ key, computed }: { key: ESTree.Node; computed: boolean }): string | undefined {
  if (key.type === "Identifier" && !computed) return key.name
  return key.type === "Literal" && typeof key.value === "string" ? key.value : undefined
}

/** What a template puts in and nobody knows stands there as it is written, `${n}`. */
function templateOf(node: ESTree.TemplateLiteral, scope: Scope, source: string): string {
  return node.quasis
    .map(({ value: { cooked, raw } }, index) => {
      const put = node.expressions[index]
      if (put === undefined) return cooked ?? raw
      const value = staticValue(put, scope, source)
      const isText = typeof value === "string" || typeof value === "number"
      return `${cooked ?? raw}${isText ? value : `\${${source.slice(put.start, put.end)}}`}`
    })
    .join("")
}

function sumOf(
  node: ESTree.BinaryExpression | ESTree.PrivateInExpression,
  scope: Scope,
  source: string
): string | undefined {
  const [left, right] = [staticValue(node.left, scope, source), staticValue(node.right, scope, source)]
  return node.operator === "+" && typeof left === "string" && typeof right === "string"
    ? left + right
    : undefined
}
