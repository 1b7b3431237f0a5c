// What a catalogue of events shows and hides, in words: for an application's documentation, and for the preview of what
// a support bundle will hold. Reads the same guards that the encoder obeys.
import { eventLimits } from "../limits.ts"
import type { EventKind } from "./define-event.ts"
import { type Guard, searchedGuard } from "./guard.ts"

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

/** Describes every event of a catalogue, in its order. */
export const describePrivacy = (catalogue: readonly EventKind[]): readonly PrivacyDescription[] =>
  catalogue.map(({ definition }) => ({
    category: definition.category,
    fields: definition.rules.flatMap(({ name, guard }) => describe(name, guard))
  }))

const describe = (path: string, guard: Guard): readonly FieldDescription[] => {
  if (guard.as !== undefined) return [{ path, written: guard.as === "redacted" ? "never" : "as a pseudonym" }]
  const below = [
    ...[...(guard.keys ?? [])].flatMap(([key, inner]) => describe(`${path}.${key}`, inner)),
    ...(guard.items === undefined || guard.items === searchedGuard ? [] : describe(`${path}[]`, guard.items))
  ]
  return [{ path, written: inWords(guard) }, ...below]
}

const inWords = ({ charsMax, bytesMax }: Guard): string => {
  if (bytesMax !== undefined) return `as it is, up to ${bytesMax} bytes of text`
  if (charsMax !== eventLimits.stringCharsMax) return `the first ${charsMax} characters of text`
  return "as it is"
}
