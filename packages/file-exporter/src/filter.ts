// The entry of `@daybook/file-exporter/filter`: which lines are asked for, without what reads them. For programs that have lines
// from elsewhere, in a page too.
export { makeRowFilter, type RowFilter, type RowFilters } from "./query/filter.ts"
export type { Moment } from "./query/moment.ts"
export type { Damage, DamagedLine } from "./query/row.ts"
