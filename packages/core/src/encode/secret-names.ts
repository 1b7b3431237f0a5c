// What is known of secrets where texts are searched: which names are those of one, and an application's own patterns.
// `Keys` knows it for a log; a page may know less.

/** A pattern of an application's own, where one needs a second look with what decides it. */
export type TextPattern = RegExp | { readonly find: RegExp; isSecret(match: string): boolean }

/** What is known of secrets: `Keys` remembers it. */
export interface SecretNames {
  isSecret(name: string): boolean
  /** What the name of a secret has at least one of: see `secretParts` in deny-list.ts. */
  readonly parts: Uint8Array
  readonly patterns: readonly TextPattern[]
}
