// What is known of each key that was met: its bytes, and whether its value may be shown. Keys are few and come again, so a
// call looks one up instead of asking anew. Whose keys they are does not matter: the same name means the same everywhere.
// A log's own rules of redaction are held here too: they come to every place that needs them with the keys.
import type { FieldRule } from "../event/field-rule.ts"
import { hidesByName } from "../event/guard.ts"
import { isReservedName } from "../event/head.ts"
import { encodeLimits, eventLimits } from "../limits.ts"
import { isSecretKey, type KeyRules, secretKeys, secretParts } from "./deny-list.ts"
import { LineBytes } from "./line-bytes.ts"
import { namingKeys } from "./named-values.ts"
import type { SecretNames, TextPattern } from "./secret-names.ts"
import { withoutSecrets } from "./text-patterns.ts"

/** One key. */
export interface KeyFacts {
  /** `,"name":`; absent where the name has to be cut or changed, which is numbered line by line. */
  readonly bytes: Uint8Array | undefined
  /** The same without the comma. */
  readonly firstBytes: Uint8Array | undefined
  /** The name without the secrets that it has; absent where it has none. */
  readonly shown: string | undefined
  /** A value under it is written as "[redacted]". */
  readonly isSecret: boolean
  /** A list under it may have names and values by turns. */
  readonly isFlatList: boolean
  /** Only the log writes a key of this name. */
  readonly isReserved: boolean
}

/** What is secret of a definition's fields, in one log. */
export interface RuleFacts {
  /** Fields whose name is that of a secret; absent where none is. */
  readonly secrets: readonly boolean[] | undefined
  /** Fields that may be a list of names and values by turns; absent where none may. */
  readonly flatLists: readonly boolean[] | undefined
  /** The field `value` that another one may name; -1 where there is none. */
  readonly value: number
  /** Nothing of it is: the fields can be shown as they are. */
  readonly isShown: boolean
}

const { keysKnownMax, knownKeyCharsMax } = encodeLimits

/** What an application adds to the built-in rules of redaction, and takes from them. */
export interface RedactRules extends KeyRules {
  /** What they match in a text is redacted, besides what the built-in ones do. */
  readonly patterns?: readonly TextPattern[] | undefined
}

const flatListNames: ReadonlySet<string> = new Set(["headers", "rawHeaders", "rawTrailers"])

/** The keys of one log. */
export class Keys implements SecretNames {
  readonly patterns: readonly TextPattern[]
  /** No text takes the quick way. */
  readonly hasPatterns: boolean
  readonly parts: Uint8Array
  private readonly isSecretKey: (key: string) => boolean
  private readonly known = new Map<string, KeyFacts>()
  private readonly facts = new WeakMap<readonly FieldRule[], RuleFacts>()
  private lastRules: readonly FieldRule[] | undefined
  private lastFacts: RuleFacts = { secrets: undefined, flatLists: undefined, value: -1, isShown: true }
  /** Fields that were read and checked for their message, and are about to be written. */
  readonly checked: {
    fields: unknown
    rules: readonly FieldRule[] | undefined
    readonly values: unknown[]
    readonly fits: boolean[]
  } = { fields: undefined, rules: undefined, values: [], fits: [] }
  private readonly out = new LineBytes(new Uint8Array(0), (bytesMin) => new Uint8Array(2 * bytesMin))

  constructor(rules?: RedactRules) {
    this.patterns = [...(rules?.patterns ?? [])]
    this.hasPatterns = this.patterns.length > 0
    this.parts = secretParts(rules?.keys)
    this.isSecretKey = rules === undefined ? isSecretKey : secretKeys(rules)
  }

  /** A key of data that went astray is not remembered. */
  of(name: string): KeyFacts {
    const known = this.known.get(name)
    if (known !== undefined) return known
    const facts = this.lookAt(name)
    if (this.known.size >= keysKnownMax) this.known.clear()
    if (name.length <= knownKeyCharsMax) this.known.set(name, facts)
    return facts
  }

  isSecret(name: string): boolean {
    return this.of(name).isSecret
  }

  /** Which of a definition's fields have a secret name; undefined where none has. */
  secretsOf(rules: readonly FieldRule[]): readonly boolean[] | undefined {
    return this.factsOf(rules).secrets
  }

  /** What is secret of a definition's fields. The same definition often comes again at once. */
  factsOf(rules: readonly FieldRule[]): RuleFacts {
    if (rules === this.lastRules) return this.lastFacts
    let facts = this.facts.get(rules)
    if (facts === undefined) {
      facts = this.lookAtRules(rules)
      this.facts.set(rules, facts)
    }
    this.lastRules = rules
    this.lastFacts = facts
    return facts
  }

  private lookAtRules(rules: readonly FieldRule[]): RuleFacts {
    const secrets = rules.map(({ name, guard }) => hidesByName(guard) && this.isSecret(name))
    const mayHide = rules.some(
      ({ hides, keysBelow }) =>
        hides || keysBelow === undefined || [...keysBelow.values()].some((name) => this.isSecret(name))
    )
    const value = rules.findIndex(({ name, guard }) => name === "value" && hidesByName(guard))
    const isNamed = value !== -1 && rules.some(({ name }) => namingKeys.includes(name))
    const isShown = !isNamed && !secrets.includes(true) && !mayHide
    const flatLists = rules.map(({ name }) => flatListNames.has(name))
    return {
      secrets: secrets.includes(true) ? secrets : undefined,
      flatLists: flatLists.includes(true) ? flatLists : undefined,
      value: isNamed ? value : -1,
      isShown
    }
  }

  private lookAt(name: string): KeyFacts {
    const { out } = this
    const begin = name.slice(0, 2 * eventLimits.keyCharsMax)
    const safe = withoutSecrets(begin, this)
    const shown = safe === begin ? undefined : safe
    out.begin(new Uint8Array(name.length < eventLimits.keyCharsMax ? 4 * name.length + 4 : 0), 0)
    out.ascii(",")
    const isChanged = out.key(shown ?? name, 1, shown !== undefined)
    out.ascii(":")
    const bytes = isChanged ? undefined : out.bytes.slice(out.lineStart, out.position)
    return {
      bytes,
      firstBytes: bytes?.subarray(1),
      shown,
      isSecret: this.isSecretKey(name),
      isFlatList: flatListNames.has(name),
      isReserved: isReservedName(name)
    }
  }
}

/** The built-in rules alone, for what is put into words where no log is known. The line has the log's own as well. */
export const builtInKeys: Keys = new Keys()
