// The entry of `@daybook/support-bundle`: a trail from wherever it lies,
// for those who have to find out what happened.
export { type OpenTrail, type OpenTrailOptions, openTrail, type TrailSource } from "./open-trail.node.ts"
export type { TrailLine, TrailRow } from "./rows/row-maker.ts"
export type { TrailFile } from "./rows/trail-file.ts"
export { fieldText, type TrailFilters, userOf } from "./rows/trail-filter.ts"
export { type RowsOptions, type Trail, TrailError, type TrailErrorKind } from "./trail/trail.ts"
export type { TrailVerifyOptions } from "./trail/verify-trail.node.ts"
