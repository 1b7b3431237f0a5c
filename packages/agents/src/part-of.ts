// Reading what others made, and may have made in any form: messages of a protocol, events of an SDK. Every part is
// unknown until it is looked at.

/** A part of an object; `undefined` where there is none. */
export const partOf = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined

export const textIn = (value: unknown, name: string): string | undefined => {
  const part = partOf(value, name)
  return typeof part === "string" ? part : undefined
}

/** A list in an object; empty where there is none. */
export const listIn = (value: unknown, name: string): readonly unknown[] => {
  const part = partOf(value, name)
  return Array.isArray(part) ? part : []
}
