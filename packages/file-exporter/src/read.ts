// The entry of `@daybook/file-exporter/read`: the readers without the exporter, for programs that only read. As Effect
// Streams they are in `/stream`.
export type { Env } from "./place/audit-log-path.node.ts"
export type { RowFilters } from "./query/filter.ts"
export type { Moment } from "./query/moment.ts"
export type {
  FollowClock,
  FollowOptions,
  ReadAllUsersOptions,
  ReadDayOptions,
  ReadOptions,
  ReadRecentOptions,
  RecentSpan
} from "./query/options.ts"
export type { Damage, DamagedLine, ReadNote, Row } from "./query/row.ts"
export { follow, readDay, readRecent, readRecentAllUsers } from "./readers.node.ts"
