// The duties of every exporter, judged by the cases of @daybook/core/testing on SQLite. Lines are read back from the columns of
// their rows: a line that comes back byte by byte has lost nothing.
import { type ExporterSubject, exporterCases } from "@daybook/core/testing"
import { describe, it } from "vitest"
import { sqlExporter, sqlMigrations } from "../src/index.ts"
import { type AuditRow, lineOf } from "./line-of.ts"
import { freshFile, openFile, type SqliteFile } from "./sqlite-file.ts"

const table = "select * from audit_events order by rowid"

const subject = (): ExporterSubject => {
  let file: SqliteFile
  let release = (): void => undefined
  return {
    async make() {
      file = openFile(freshFile())
      for (const statement of sqlMigrations("sqlite")) file.exec(statement)
      return sqlExporter({ pool: () => file.kysely })
    },
    readBack: async () =>
      file.all(table).map((row) => new TextEncoder().encode(lineOf(row as unknown as AuditRow))),
    async break(how) {
      // The only connection is taken, as where a pool has no free one.
      if (how === "hang") release = await file.takeConnection()
      // Another connection writes.
      if (how === "fail") file.exec("begin immediate")
      if (how === "refuse")
        file.exec("create trigger refuse before insert on audit_events begin select raise(abort, 'no'); end")
    },
    async heal() {
      release()
      if (file.isInTransaction()) file.exec("rollback")
      file.exec("drop trigger if exists refuse")
    }
  }
}

describe("rows in SQLite", () => {
  for (const { name, run } of exporterCases) it(name, () => run(subject()))
})
