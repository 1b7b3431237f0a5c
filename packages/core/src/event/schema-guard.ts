// The guard of a field, from what annotations say of its schema and of all that is below: through classes, options, maps, tuples,
// unions, transformations and schemas that refer to themselves. Read once, where the event is defined.

import type * as SchemaAST from "effect/SchemaAST"
import { eventLimits } from "../limits.ts"
import {
  containerGuard,
  type Guard,
  makeGuard,
  mayHide,
  redactedGuard,
  searchedGuard,
  settled,
  strictest
} from "./guard.ts"
import { type FieldPrivacy, privacyOf } from "./privacy.ts"

/** The guard of one field. */
export const guardOf = (ast: SchemaAST.AST): Guard => new Guards().of(ast, searchedGuard) ?? searchedGuard

class Guards {
  // A schema that refers to itself comes to the same guard again.
  private readonly known = new Map<Guard, Map<SchemaAST.AST, Guard | undefined>>()

  /** Undefined for what has nothing to hide: numbers, flags, literals, null. `base` is what was said of all that is around. */
  of(ast: SchemaAST.AST, base: Guard): Guard | undefined {
    let known = this.known.get(base)
    if (known === undefined) {
      known = new Map()
      this.known.set(base, known)
    }
    if (known.has(ast)) return known.get(ast)
    const guard = this.make(ast, base)
    known.set(ast, guard)
    return guard
  }

  private make(ast: SchemaAST.AST, base: Guard): Guard | undefined {
    const own = privacyOf(ast)
    if (own.as !== undefined) return makeGuard({ as: own.as }, base)
    const inner = withLimits(base, own)
    return this.withEncoded(ast, this.form(ast, inner), inner)
  }

  private form(ast: SchemaAST.AST, base: Guard): Guard | undefined {
    switch (ast._tag) {
      case "Null":
      case "Undefined":
      case "Void":
      case "Never":
      case "Boolean":
      case "Number":
      case "Literal":
        return base === searchedGuard ? undefined : base
      case "Suspend":
        return this.later(ast, base)
      case "Union":
        return strictest(this.all(ast.types, base))
      case "TemplateLiteral":
        return this.all(ast.parts, base).some(mayHide) ? redactedGuard : base
      case "Arrays": {
        const elements = ast.elements.map(
          (element, index) => [String(index), this.below(element, base)] as const
        )
        return containerGuard(base, new Map(elements), strictest(this.all(ast.rest, base)) ?? base)
      }
      case "Objects":
        return this.members(ast, base)
      case "Declaration":
        return this.declared(ast, base)
      default:
        return base
    }
  }

  private below(ast: SchemaAST.AST, base: Guard): Guard {
    return this.of(ast, base) ?? base
  }

  private all(asts: readonly SchemaAST.AST[], base: Guard): readonly Guard[] {
    return asts.map((ast) => this.of(ast, base)).filter((guard) => guard !== undefined)
  }

  // What it refers to may be made anew each time that it is asked for, and may not be there yet: until then, nothing is shown.
  private later(ast: SchemaAST.Suspend, base: Guard): Guard {
    let made: Guard | undefined
    const later = (): Guard => {
      try {
        made ??= settled(this.below(ast.thunk(), base))
        return made
      } catch {
        return redactedGuard
      }
    }
    return makeGuard({ later })
  }

  private members({ propertySignatures, indexSignatures }: SchemaAST.Objects, base: Guard): Guard {
    // A key cannot be hidden but with its value, and no other member may be taken for it.
    if (indexSignatures.some(({ parameter }) => mayHide(this.below(parameter, base)))) return redactedGuard
    const keys = propertySignatures.map(({ name, type }) => [String(name), this.below(type, base)] as const)
    const others = indexSignatures.map(({ type }) => type)
    return containerGuard(base, new Map(keys), strictest(this.all(others, base)) ?? base)
  }

  private declared(ast: SchemaAST.Declaration, base: Guard): Guard {
    const { annotations } = ast
    const id = (annotations?.representation as { readonly id?: unknown } | undefined)?.id
    if (id === "effect/schema/Redacted") return redactedGuard
    const [first = base, second = base, ...others] = ast.typeParameters.map((inner) =>
      this.below(inner, base)
    )
    // A class is the struct that it was made of.
    if (annotations !== undefined && constructorKey in annotations) return first
    const none: ReadonlyMap<string, Guard> = new Map()
    const values = (item: Guard): ReadonlyMap<string, Guard> =>
      new Map([["values", containerGuard(base, none, item)]])
    switch (id) {
      case "effect/schema/ReadonlyMap":
        return mayHide(first) ? redactedGuard : containerGuard(base, none, second)
      case "effect/schema/ReadonlySet":
        return containerGuard(base, none, first)
      case "effect/schema/Option":
        return containerGuard(
          base,
          new Map([["value", first]]),
          base,
          openTagged("Option", { Some: "value", None: "" })
        )
      case "effect/schema/Result": {
        const keys = new Map([
          ["value", first],
          ["success", first],
          ["failure", second]
        ])
        return containerGuard(
          base,
          keys,
          base,
          openTagged("Result", { Success: "success", Failure: "failure" })
        )
      }
      case "effect/schema/Chunk":
        return containerGuard(base, values(first), base, openValues("Chunk"))
      case "effect/schema/HashSet":
        return containerGuard(base, values(first), base, openValues("HashSet"))
      case "effect/schema/HashMap": {
        const pair = containerGuard(
          base,
          new Map([
            ["0", first],
            ["1", second]
          ])
        )
        return containerGuard(base, values(pair), base, openValues("HashMap"))
      }
      default:
        // How such a value is written is not known, nor where in it the secret is.
        return [first, second, ...others].some(mayHide) ? redactedGuard : base
    }
  }

  // A value that is encoded to something secret is made of it. Where the value hides as much itself, that is it under another name.
  private withEncoded(ast: SchemaAST.AST, guard: Guard | undefined, base: Guard): Guard | undefined {
    for (const { to } of ast.encoding ?? []) {
      const encoded = this.below(to, base)
      if (!mayHide(encoded) || guard?.as !== undefined) continue
      if (guard === undefined || !mayHide(guard)) return redactedGuard
      if (hiddenApart(encoded, guard) > hiddenApart(guard, encoded)) return redactedGuard
    }
    return guard
  }
}

/** Of Effect's, on the declaration of a class. */
const constructorKey = "~constructor"

const withLimits = (base: Guard, { isPlain, charsMax, bytesMax }: FieldPrivacy): Guard => {
  if (isPlain === undefined && charsMax === undefined) return base
  return makeGuard(
    {
      ...(isPlain === undefined ? {} : { isSearched: false }),
      ...(charsMax === undefined ? {} : { charsMax, bytesMax })
    },
    base
  )
}

/** Members that one guard hides and another has under no such name, or shows. */
const hiddenApart = (guard: Guard, other: Guard): number =>
  [...(guard.keys ?? [])].filter(([name, below]) => {
    const there = other.keys?.get(name)
    return mayHide(below) && (there === undefined || !mayHide(there))
  }).length

// As Effect's own `toJSON` shows them, but for what is inside, which has no say here.
const openTagged =
  (id: string, nameOf: Readonly<Record<string, string>>): Guard["open"] =>
  (value) => {
    const owner = value as Readonly<Record<string, unknown>>
    const tag = owner._tag
    const name = typeof tag === "string" && Object.hasOwn(nameOf, tag) ? nameOf[tag] : undefined
    // A struct may have such a tag too.
    if (name === undefined || Object.getPrototypeOf(value) === Object.prototype) return undefined
    const shown = { _id: id, _tag: tag }
    return name === "" ? shown : { ...shown, [name === "success" ? "value" : name]: owner[name] }
  }

const openValues =
  (id: string): Guard["open"] =>
  (value) => {
    if (!(Symbol.iterator in value) || Array.isArray(value)) return undefined
    const values: unknown[] = []
    // One more than a line takes, so that the line says that there were more.
    for (const item of value as Iterable<unknown>) if (values.push(item) > eventLimits.itemsMax) break
    return { _id: id, values }
  }
