// What an error of a database means, and its text. Messages of drivers quote values ("Key (email)=(…) already exists"), and some
// quote passwords, so a text is made of codes and of names of tables, columns and constraints alone.
import { ExportError } from "@daybook/core"
import type { Flavor } from "./flavor.ts"
import { sqlLimits } from "./limits.ts"

/** Who can do something about it: nobody, because the row itself cannot be stored; people; or time. */
type Verdict = "data" | "people" | "time"

/** A row that cannot be stored, found before it was sent or by comparing. Its text quotes no value. */
export class UnfitRow extends Error {
  override readonly name = "UnfitRow"
}

/** Something that people have to put right. */
export class WrongSetup extends Error {
  override readonly name = "WrongSetup"
}

/** Nothing is wrong yet: there is nobody to send to. */
export class NotYet extends Error {
  override readonly name = "NotYet"
}

/** How far the writing of one table has come. */
export type Stage = "preparing" | "writing" | "committing"

/** `where` is a table, or a database: `table "audit_events"`. */
export const toExportError = (
  error: unknown,
  flavor: Flavor | undefined,
  where: string,
  stage: Stage
): ExportError => {
  if (error instanceof NotYet) return failure(error.message, "time", "failed")
  const subject = `Cannot write to ${where}`
  if (error instanceof UnfitRow) return failure(`${subject}: ${error.message}`, "data", "failed")
  if (error instanceof WrongSetup) return failure(`${subject}: ${error.message}`, "people", "failed")
  const { verdict, text } = judge(error, flavor)
  // No row was sent yet: two processes that make a table at the same time, for example.
  const isData = verdict === "data" && stage !== "preparing"
  // A commit whose answer did not come may have happened.
  const outcome = stage === "committing" && !isData ? "unknown" : "failed"
  return failure(`${subject}: ${text}`, verdict === "data" && !isData ? "time" : verdict, outcome)
}

/** Says of an error what is known of it, without a value. */
export const describeSqlError = (error: unknown, flavor: Flavor | undefined): string =>
  error instanceof UnfitRow || error instanceof WrongSetup || error instanceof NotYet
    ? error.message
    : judge(error, flavor).text

/** What an application's function threw. Its message may quote a value. */
export const thrownName = (error: unknown): string =>
  error instanceof Error && /^\w{1,64}$/.test(error.name) ? error.name : "an error"

const failure = (reason: string, verdict: Verdict, outcome: "failed" | "unknown"): ExportError => {
  if (verdict === "data") return new ExportError({ reason, retryable: false, divisible: true, outcome })
  if (verdict === "time") return new ExportError({ reason, retryable: true, outcome })
  return new ExportError({ reason, retryable: true, outcome, retryAfterMs: sqlLimits.pauseMs })
}

interface Judged {
  readonly verdict: Verdict
  readonly text: string
}

type Said = Readonly<Record<string, unknown>>

const judge = (error: unknown, flavor: Flavor | undefined): Judged => {
  const said: Said = typeof error === "object" && error !== null ? (error as Said) : {}
  const judged =
    flavor?.database === "SQLite" ? ofSqlite(said) : said.errno === undefined ? ofState(said) : ofMysql(said)
  return judged ?? ofNetwork(said) ?? ofDriver(said)
}

/** What an SQLSTATE says, by its code or by its class. */
const states: Readonly<Record<string, Judged>> = {
  "22": { verdict: "data", text: "a value is not one that the column's type can hold" },
  "23": { verdict: "data", text: "a row violates a constraint" },
  "54": { verdict: "data", text: "a row is beyond a limit of the database" },
  "28": { verdict: "people", text: "the database refuses the user or the password" },
  "3D": { verdict: "people", text: "the database does not exist" },
  "3F": { verdict: "people", text: "the schema does not exist" },
  "42": { verdict: "people", text: "the statement does not fit the table" },
  "25006": { verdict: "people", text: "the database is read-only" },
  "42P01": {
    verdict: "people",
    text: "the table does not exist; set migrate: true, or run the statements of sqlMigrations()"
  },
  "42703": { verdict: "people", text: "a column does not exist; compare the table with the option" },
  "42501": {
    verdict: "people",
    text: "the role lacks a permission; it needs insert and select, on MySQL also update"
  },
  "53": { verdict: "time", text: "the database has no room or no connection left" },
  "57": { verdict: "time", text: "the database is shutting down, starting, or ended the statement" },
  "40": { verdict: "time", text: "the transaction collided with another one" },
  "08": { verdict: "time", text: "the connection was lost" }
}

const noTable = states["42P01"] as Judged
const noColumn = states["42703"] as Judged
const noPermission = states["42501"] as Judged

const ofState = ({ code, severity, constraint, column, table }: Said): Judged | undefined => {
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return undefined
  // ECONN and its like have five letters and no severity.
  if (severity === undefined && states[code.slice(0, 2)] === undefined) return undefined
  const found = states[code] ?? states[code.slice(0, 2)]
  const names = [named("table", table), named("column", column), named("constraint", constraint)]
  const details = [...names, code].filter((name) => name !== "")
  return {
    verdict: found?.verdict ?? "time",
    text: `${found?.text ?? "the database reports an error"} (${details.join(", ")})`
  }
}

const named = (what: string, name: unknown): string =>
  typeof name === "string" && name !== "" ? `${what} "${name}"` : ""

/** What MySQL says with a number and no SQLSTATE of its own. */
const mysqlNumbers: Readonly<Record<number, Judged>> = {
  1153: { verdict: "data", text: "a row is larger than max_allowed_packet" },
  1265: { verdict: "data", text: "a value is not one of the column's" },
  1366: { verdict: "data", text: "a value has characters that the column cannot hold; it should be utf8mb4" },
  3819: { verdict: "data", text: "a row violates a constraint" },
  4025: { verdict: "data", text: "a row violates a constraint" },
  1044: noPermission,
  1045: states["28"] as Judged,
  1049: states["3D"] as Judged,
  1054: noColumn,
  1142: noPermission,
  1143: noPermission,
  1146: noTable,
  1227: noPermission,
  1290: states["25006"] as Judged,
  1364: { verdict: "people", text: "a column without a default is not among the columns that are filled" },
  1698: states["28"] as Judged
}

// A driver's names are MySQL's, and MariaDB gives some of the numbers to other errors: the number stands alone.
const ofMysql = ({ errno, sqlState, sqlstate }: Said): Judged | undefined => {
  if (typeof errno !== "number" || errno < 1000) return undefined
  const state = typeof sqlState === "string" ? sqlState : typeof sqlstate === "string" ? sqlstate : ""
  const found = mysqlNumbers[errno] ?? states[state] ?? states[state.slice(0, 2)]
  return {
    verdict: found?.verdict ?? "time",
    text: `${found?.text ?? "the database reports an error"} (MySQL ${errno})`
  }
}

/** Primary result codes of SQLite. */
const sqliteCodes: Readonly<Record<number, Judged>> = {
  5: { verdict: "time", text: "another connection has the database locked" },
  6: { verdict: "time", text: "another connection has a table locked" },
  8: { verdict: "people", text: "the file is read-only" },
  10: { verdict: "time", text: "the disk reports an error" },
  11: { verdict: "people", text: "the file is damaged" },
  13: { verdict: "time", text: "the disk is full" },
  14: { verdict: "people", text: "the file cannot be opened; check the folder and its permissions" },
  18: { verdict: "data", text: "a value is too large" },
  19: { verdict: "data", text: "a row violates a constraint" },
  20: { verdict: "data", text: "a value is not one that the column's type can hold" },
  26: { verdict: "people", text: "the file is no SQLite database" }
}

// SQLite's own messages name tables and columns. What stands in a trigger, or in a check without a name, is left out.
const sqliteName = /^(?:UNIQUE|NOT NULL|FOREIGN KEY) constraint failed(?:: ([\w$., -]+))?$/

/** Names that drivers give instead of numbers. */
const sqliteNames: Readonly<Record<string, number>> = {
  ERROR: 1,
  BUSY: 5,
  LOCKED: 6,
  READONLY: 8,
  IOERR: 10,
  CORRUPT: 11,
  FULL: 13,
  CANTOPEN: 14,
  TOOBIG: 18,
  CONSTRAINT: 19,
  MISMATCH: 20,
  NOTADB: 26
}

const ofSqlite = ({ errcode, errno, code, message }: Said): Judged | undefined => {
  const name = typeof code === "string" ? /^SQLITE_([A-Z]+)/.exec(code)?.[1] : undefined
  const number = [errcode, errno, sqliteNames[name ?? ""]].find((one) => typeof one === "number")
  if (number === undefined) return undefined
  const primary = number & 0xff
  if (primary === 1) return ofSqliteText(typeof message === "string" ? message : "")
  const found = sqliteCodes[primary]
  const where = typeof message === "string" ? sqliteName.exec(message)?.[1] : undefined
  const details = [...(where === undefined ? [] : [where]), `SQLite ${number}`]
  return {
    verdict: found?.verdict ?? "time",
    text: `${found?.text ?? "the database reports an error"} (${details.join(", ")})`
  }
}

const ofSqliteText = (message: string): Judged => {
  const found = /^no such table/.test(message)
    ? noTable
    : /no such column|has no column/.test(message)
      ? noColumn
      : { verdict: "people" as const, text: "the statement does not fit the table" }
  return { ...found, text: `${found.text} (SQLite 1)` }
}

// Codes are names in capitals: of the system, of TLS, of drivers.
const ofNetwork = ({ code }: Said): Judged | undefined =>
  typeof code === "string" && /^[A-Z][A-Z0-9_]{2,63}$/.test(code)
    ? { verdict: "time", text: `the database cannot be reached (${code})` }
    : undefined

/** What drivers say without a code, and without a value. */
const driverTexts: Readonly<Record<string, string>> = {
  "Cannot use a pool after calling end on the pool":
    "its pool was closed; give the dialect its pool as a function, or use the option pool",
  "Pool is closed.": "its pool was closed; give the dialect its pool as a function, or use the option pool",
  "Connection terminated unexpectedly": "the connection was lost",
  "Connection terminated due to connection timeout": "no connection in time",
  "timeout exceeded when trying to connect": "no connection in time",
  "Query read timeout": "no answer in time"
}

const ofDriver = ({ message, name }: Said): Judged => ({
  verdict: "time",
  text:
    (typeof message === "string" ? driverTexts[message] : undefined) ??
    `the driver reports an error without a code (${typeof name === "string" && /^\w{1,64}$/.test(name) ? name : "no name"})`
})
