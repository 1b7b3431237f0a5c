// What must be redacted is so at every door.
import { describe, expect, it } from "vitest"
import { doors } from "../tools/doors.ts"

const canary = "CANARY7f3kQ9"

const hidden: readonly unknown[] = [
  { password: canary },
  { passWord: canary },
  { PGPASSWORD: canary },
  { "Ocp-Apim-Subscription-Key": canary },
  { headers: { authorization: canary } },
  { name: "password", value: canary },
  new URL(`https://h.example/?token=${canary}`),
  `https://ada:${canary}@example.com/`,
  `password: ${canary}`,
  `--password ${canary}`,
  `{"apiKey":"${canary}"}`,
  `Cookie: sid=${canary}`,
  `Authorization: Bearer ${canary}`
]

const readable: readonly unknown[] = [
  { nextPageToken: canary },
  { token_id: canary },
  { has_password: canary },
  `authorization: denied, reason: ${canary}`,
  `npm://scope@1.0.0 ${canary}`
]

describe.each(Object.entries(doors))("%s", (_, open) => {
  it.each(hidden)("S1.15 F93 hides %j", async (value) => {
    expect(await open(value)).not.toContain(canary)
  })

  it.each(readable)("S1.15 shows %j", async (value) => {
    expect(await open(value)).toContain(canary)
  })
})
