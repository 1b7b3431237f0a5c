// The instrumentation scope: who made the records. Written out, because a bundle has no package.json; a test holds it
// against that.

/** Name and version of this package, the scope of every record. */
export const scope = { name: "@daybook/otel-bridge", version: "0.1.0" } as const
