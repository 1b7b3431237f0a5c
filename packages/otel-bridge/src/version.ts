// The instrumentation scope of all records. It is written out because a bundle has no package.json; a test compares the two.
// Change both together.

/** Name and version of this package, the scope of every record. */
export const scope = { name: "@daybook/otel-bridge", version: "0.1.0" } as const
