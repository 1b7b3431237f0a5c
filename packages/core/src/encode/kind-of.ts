// What kind of object a foreign value is. Objects of another realm (a vm, an iframe, a test runner) are no `instanceof` of ours:
// they are known by their tag. A tag can be forged, so what only claims to be of a kind must also have what makes it one.

/** Objects that have a form of their own on a line. */
export type Kind =
  | "Error"
  | "Date"
  | "Map"
  | "Set"
  | "URL"
  | "RegExp"
  | "Promise"
  | "Generator"
  | "AsyncGenerator"
  | "String"
  | "Number"
  | "Boolean"
  | "BigInt"
  | "Symbol"
  | "Bytes"
  | "Headers"
  | "FormData"
  | "URLSearchParams"
  | "Response"
  | "Request"
  | "Blob"

type Probe = (value: object) => boolean

// Reading a slot throws for an object that has none, whatever its tag says.
const hasSlot =
  (read: ((this: never) => unknown) | undefined): Probe =>
  (value) => {
    try {
      if (read === undefined) return false
      Reflect.apply(read, value, [])
      return true
    } catch {
      return false
    }
  }

const getterOf = (prototype: object, name: string): ((this: never) => unknown) | undefined =>
  Object.getOwnPropertyDescriptor(prototype, name)?.get

const hasMethods =
  (...names: readonly (string | symbol)[]): Probe =>
  (value) =>
    names.every((name) => typeof (value as Record<string | symbol, unknown>)[name] === "function")

const hasText =
  (name: string): Probe =>
  (value) =>
    typeof (value as Record<string, unknown>)[name] === "string"

const isBrandedError = (Error as { readonly isError?: (value: unknown) => boolean }).isError

const isPairs = hasMethods(Symbol.iterator, "get")

/** By tag: the kind, and whether an object that claims it is one. */
const claims: ReadonlyMap<string, readonly [Kind, Probe]> = new Map<string, readonly [Kind, Probe]>([
  ["Error", ["Error", (value) => isBrandedError?.(value) !== false]],
  ["DOMException", ["Error", hasText("message")]],
  ["Date", ["Date", hasSlot(Date.prototype.getTime)]],
  ["Map", ["Map", hasSlot(getterOf(Map.prototype, "size"))]],
  ["Set", ["Set", hasSlot(getterOf(Set.prototype, "size"))]],
  ["URL", ["URL", hasText("href")]],
  ["RegExp", ["RegExp", hasSlot(getterOf(RegExp.prototype, "source"))]],
  ["Promise", ["Promise", hasMethods("then")]],
  ["Generator", ["Generator", hasMethods("next")]],
  ["AsyncGenerator", ["AsyncGenerator", hasMethods("next")]],
  ["String", ["String", hasSlot(String.prototype.valueOf)]],
  ["Number", ["Number", hasSlot(Number.prototype.valueOf)]],
  ["Boolean", ["Boolean", hasSlot(Boolean.prototype.valueOf)]],
  ["BigInt", ["BigInt", hasSlot(BigInt.prototype.valueOf)]],
  ["Symbol", ["Symbol", hasSlot(Symbol.prototype.valueOf)]],
  ["ArrayBuffer", ["Bytes", hasSlot(getterOf(ArrayBuffer.prototype, "byteLength"))]],
  [
    "SharedArrayBuffer",
    [
      "Bytes",
      hasSlot(
        typeof SharedArrayBuffer === "undefined"
          ? undefined
          : getterOf(SharedArrayBuffer.prototype, "byteLength")
      )
    ]
  ],
  ["Headers", ["Headers", isPairs]],
  ["FormData", ["FormData", isPairs]],
  ["URLSearchParams", ["URLSearchParams", isPairs]],
  ["Response", ["Response", hasMethods("text")]],
  ["Request", ["Request", hasMethods("text")]],
  ["Blob", ["Blob", hasMethods("arrayBuffer")]],
  ["File", ["Blob", hasMethods("arrayBuffer")]]
])

/** Of our own realm: also those whose tag was changed, and proxies of them. */
const own = [
  [Error, "Error"],
  [Date, "Date"],
  [Map, "Map"],
  [Set, "Set"],
  [URL, "URL"],
  [RegExp, "RegExp"],
  [Promise, "Promise"],
  [String, "String"],
  [Number, "Number"],
  [Boolean, "Boolean"],
  [Object.getPrototypeOf(Uint8Array) as new () => object, "Bytes"],
  [ArrayBuffer, "Bytes"]
] as const
const ownConstructors = own.map(([made]) => made)
const ownKinds = own.map(([, kind]) => kind)

/** The kind of an object; undefined for one that is only the sum of its fields. May throw what the object throws. */
export const kindOf = (value: object): Kind | undefined => {
  if (ArrayBuffer.isView(value)) return "Bytes"
  for (let index = 0; index < ownKinds.length; index++)
    if (value instanceof (ownConstructors[index] as new () => object)) return ownKinds[index]
  const claim = claims.get(Object.prototype.toString.call(value).slice(8, -1))
  return claim?.[1](value) === true ? claim[0] : undefined
}

/** True for an error of any realm, a DOMException too. Never throws. */
export const isError = (value: unknown): value is Error => {
  try {
    return typeof value === "object" && value !== null && kindOf(value) === "Error"
  } catch {
    return false
  }
}

/** True for an object that `{}` or `Object.create(null)` made in our realm. */
export const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/**
 * What an object says of itself as a text: by its own `Symbol.toPrimitive` or `toString`, not by the one that all objects have.
 * May throw what the object throws.
 */
export const ownText = (value: object): string | undefined => {
  const methods = value as { readonly [Symbol.toPrimitive]?: unknown; readonly toString?: unknown }
  const toPrimitive = methods[Symbol.toPrimitive]
  const asText = methods.toString
  let text: unknown
  if (typeof toPrimitive === "function") text = toPrimitive.call(value, "string")
  else if (typeof asText === "function" && asText !== Object.prototype.toString) text = asText.call(value)
  if (typeof text === "number" || typeof text === "boolean") return String(text)
  // Another realm's `Object.prototype.toString` says nothing either.
  return typeof text === "string" && !text.startsWith("[object ") ? text : undefined
}
