// The two tables of the program before, and what fills their columns. `event_id` and `ts` are ours: with them a row is there
// once, however often its event is sent, and keeps its time.
import { tableFor } from "@daybook/sql-exporter"
import { LoginLog, UseLog } from "./events.ts"

export const useTable = "nano_banana_user_use_log"
export const loginTable = "nano_banana_user_log"

/** For the exporter's option `tables`. `kind` is the word of the old queue file, whose lines can be delivered too. */
export const tables = [
  tableFor(UseLog, {
    table: useTable,
    kind: "use_log",
    columns: {
      user_name: "user_name",
      device_name: "device_name",
      prompt: "prompt",
      result_path: "result_path",
      status: ({ status }) => status || "unknown",
      error_message: "error_message",
      model: "model",
      duration_ms: "duration_ms",
      finish_reason: "finish_reason"
    }
  }),
  tableFor(LoginLog, {
    table: loginTable,
    kind: "login_log",
    columns: {
      user_name: "user_name",
      local_ip: "local_ip",
      public_ip: "public_ip",
      device_name: "device_name",
      login_time: "login_time"
    }
  })
]

/** The types in which the databases differ. */
export interface ColumnTypes {
  readonly name: string
  readonly text: string
  readonly moment: string
  readonly time: string
  readonly uuid: string
  /** Behind the last bracket. */
  readonly end: string
}

/** Makes the tables where they are missing, as the people who run the database would. */
export const tableStatements = ({ name, text, moment, time, uuid, end }: ColumnTypes): readonly string[] => [
  `create table if not exists ${useTable} (
  user_name ${name} not null, device_name ${name} not null, prompt ${text} not null, result_path ${text},
  status ${name} not null, error_message ${text}, model ${name}, duration_ms int, finish_reason ${name},
  event_id ${uuid} unique, ts ${time})${end}`,
  `create table if not exists ${loginTable} (
  user_name ${name} not null, local_ip ${name}, public_ip ${name}, device_name ${name} not null,
  login_time ${moment} not null, event_id ${uuid} unique, ts ${time})${end}`
]
