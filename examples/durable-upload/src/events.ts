// What the program records: images that were made, and sign-ins. The defaults are those of the program before, whose tables
// are filled; tables.ts says which columns.
import { defineEvent, keep } from "@daybook/core"
import * as Schema from "effect/Schema"

const optional = Schema.optionalKey(Schema.String)

/** An image was made, or could not be. The prompt is kept whole, up to 48 KiB. */
export const UseLog = defineEvent({
  category: "use_log",
  fields: {
    user_name: Schema.String,
    device_name: Schema.String,
    prompt: keep(49_152)(Schema.String),
    result_path: optional,
    status: Schema.String,
    error_message: optional,
    model: optional,
    duration_ms: Schema.optionalKey(Schema.Finite),
    finish_reason: optional
  },
  message: ({ user_name, status }) => `${user_name}: ${status}`
})

export const LoginLog = defineEvent({
  category: "login_log",
  fields: {
    user_name: Schema.String,
    local_ip: Schema.String,
    public_ip: Schema.String,
    device_name: Schema.String,
    login_time: Schema.String
  },
  message: ({ user_name }) => `${user_name} signed in`
})

/** Who sits where. */
export interface Person {
  readonly user_name: string
  readonly device_name: string
}

/** Empty names have words of their own. */
export const named = ({ user_name, device_name }: Person): Person => ({
  user_name: user_name || "未知用户",
  device_name: device_name || "未知设备"
})
