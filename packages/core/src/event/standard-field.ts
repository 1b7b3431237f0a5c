// What a field of an event may be where there is no Effect: any Standard Schema, of valibot, zod or others, and the kinds of
// field-kinds.ts. A Standard Schema is opaque: it says whether a value fits, and nothing of what is below it.

/** As much of the Standard Schema interface, version 1, as is used. */
export interface StandardField<Input = unknown, Output = unknown> {
  readonly "~standard": {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly unknown[] }

/** True for anything with the interface; also a function, as some libraries have it. */
export const isStandardField = (value: unknown): value is StandardField => {
  const isHolder = (typeof value === "object" && value !== null) || typeof value === "function"
  return isHolder && typeof (value as Partial<StandardField>)["~standard"]?.validate === "function"
}

/** What a schema makes of a value; undefined where it does not fit, throws, or says it later: an event is not waited for. */
export const standardValue = (
  field: StandardField,
  value: unknown
): { readonly value: unknown } | undefined => {
  try {
    const result = field["~standard"].validate(value)
    if (result instanceof Promise) {
      // Its rejection is nothing that the host should hear of.
      result.catch(() => undefined)
      return undefined
    }
    return result.issues === undefined ? (result as { readonly value: unknown }) : undefined
  } catch {
    return undefined
  }
}
