// Every bound of this package in one place, each with its reason. Units come last in the names.
// The bounds of the queue and of a batch are the exporter's `QueuePolicy`.

export const sqlLimits = {
  /** Of one batch, which is one transaction: a commit waits for a disk, whatever is in it. */
  batchBytesMax: 1024 * 1024,
  /** SQLite works on the thread of the log: so many rows take about a millisecond, then the host has its turn. */
  sqliteRowsMax: 250,
  /** SQLite's parameters of one statement. */
  sqliteParametersMax: 32_766,
  /** PostgreSQL gets one array a column, so only memory on both sides bounds a statement. */
  postgresRowsMax: 8_192,
  /** MySQL's text protocol has no limit of parameters, but a prepared statement has this one. */
  mysqlParametersMax: 65_535,
  /** Characters of the values of one statement on PostgreSQL. */
  postgresCharsMax: 4 * 1024 * 1024,
  /** Added to a value's bytes in a MySQL packet: quotes, a comma, and a number's digits. */
  mysqlValueBytes: 24,
  /** Between two tries where only people can help: a missing table, a missing permission, a wrong password. */
  pauseMs: 60_000,
  /** How long an export waits for the one before it, which was stopped and still has its connection. */
  leftoverMs: 30_000,
  /** How long a log that is closed waits for its connections to end. */
  closeMs: 5_000,
  /** Rows that one statement of the retention sweep deletes: other transactions get in between. */
  sweepRowsMax: 5_000,
  /** Between two sweeps of a table. */
  sweepEveryMs: 3_600_000,
  /** How often a sweep looks for tables that it has not met: of a schema that rows went to, or of a pool that was not there. */
  sweepLookMs: 60_000,
  /** Prepared statements that `nodeSqlite` keeps: a table has one for whole chunks and some for what is left over. */
  statementsMax: 64,
  /** The shortest name limit of the three databases, PostgreSQL's. */
  identifierBytesMax: 63,
  /** Hexadecimal characters of a body hash: 128 bits tell two bodies apart. */
  bodyHashChars: 32
} as const
