// What a catalogue of events shows and hides, in words: for an application's documentation, and for the preview of what
// a support bundle will hold. Reads the same guards and names that the encoder obeys.
import { Keys, type RedactRules } from "../encode/keys.ts"
import type { FieldRule } from "../event/field-rule.ts"
import { type Guard, searchedGuard, settled } from "../event/guard.ts"
import type { EventKind } from "../event/typed-event.ts"
import { eventLimits } from "../limits.ts"
import { checkRedact } from "../log/options.ts"

/** One field of one kind of event. */
export interface FieldDescription {
  /** `address.street`; `[]` stands for the items of a list and the other members of an object. */
  readonly path: string
  readonly written: string
}

/** What happens to each field of one kind of event. */
export interface PrivacyDescription {
  readonly category: string
  readonly fields: readonly FieldDescription[]
}

/**
 * Describes every event of a catalogue, in its order. `redact` is the log's option of that name. Known secrets are the values of
 * secret keys, and what the patterns find in texts.
 *
 * @throws TypeError for a `redact` that a log would refuse.
 */
export const describePrivacy = (
  catalogue: readonly EventKind[],
  redact?: RedactRules
): readonly PrivacyDescription[] => {
  checkRedact("describePrivacy", redact)
  const keys = new Keys(redact)
  return catalogue.map(({ definition }) => ({
    category: definition.category,
    fields: definition.rules.flatMap((rule) => describeField(rule, keys))
  }))
}

const describeField = (rule: FieldRule, keys: Keys): readonly FieldDescription[] => {
  const { name, guard, keysBelow } = rule
  if (keys.secretsOf([rule]) !== undefined) return [{ path: name, written: byName }]
  const described = describe(name, guard, [])
  const paths = new Set(described.map(({ path }) => path))
  const named = [...(guard.isSearched ? (keysBelow ?? []) : [])]
    .filter(([path, key]) => keys.isSecret(key) && !paths.has(name + path))
    .map(([path]) => ({ path: name + path, written: byName }))
  return [...described, ...named]
}

const describe = (path: string, given: Guard, around: readonly Guard[]): readonly FieldDescription[] => {
  const guard = settled(given)
  if (guard.as !== undefined) return [{ path, written: guard.as === "redacted" ? "never" : "as a pseudonym" }]
  // A schema that refers to itself says the same at each level.
  const inside = around.length === eventLimits.depthMax || around.includes(guard) ? [] : [...around, guard]
  const below =
    inside.length === 0
      ? []
      : [
          ...[...(guard.keys ?? [])].flatMap(([key, inner]) => describe(`${path}.${key}`, inner, inside)),
          ...(guard.items === undefined || guard.items === searchedGuard
            ? []
            : describe(`${path}[]`, guard.items, inside))
        ]
  return [{ path, written: inWords(guard) }, ...below]
}

const byName = "never, because of its name"

const inWords = ({ isSearched, charsMax, bytesMax }: Guard): string => {
  const rest = isSearched ? ", but for known secrets" : ""
  if (bytesMax !== undefined) return `as it is, up to ${bytesMax} bytes of text${rest}`
  if (charsMax !== eventLimits.stringCharsMax) return `the first ${charsMax} characters of text${rest}`
  return `as it is${rest}`
}
