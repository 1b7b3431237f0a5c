// What docs/guides/privacy.md promises, row by row, and that no text holds a call for long. The doors are other tests'.
import { describe, expect, it } from "vitest"
import { createAuditLog } from "../../src/api/audit-log.ts"
import { auditTool } from "../../src/api/audit-tool.ts"
import { isSecretKey, secretKeys, secretWords } from "../../src/encode/deny-list.ts"
import { Keys } from "../../src/encode/keys.ts"
import { isOtherNamed, isSecretNamed } from "../../src/encode/named-values.ts"
import { paymentCards, withoutSecrets } from "../../src/encode/text-patterns.ts"
import { memoryExporter } from "../../src/testing/index.ts"
import { encodeLine, encodeParsed } from "../tools/encode-line.ts"
import { keyCases, textCases, theSecret, valueCases } from "../tools/privacy-table.ts"
import { forSeeds } from "../tools/random.ts"

const keys = new Keys()

describe("keys", () => {
  it.each(keyCases)("S1.15 F93 $key", ({ key, isHidden }) => {
    expect(isSecretKey(key)).toBe(isHidden)
    expect(encodeParsed({ extras: { held: { [key]: "v" } } }).held).toEqual({
      [key]: isHidden ? "[redacted]" : "v"
    })
  })

  it("the page has 150 cases that must be redacted and 80 that must not", () => {
    const hidden = [
      ...keyCases.map(({ isHidden }) => isHidden),
      ...textCases.map(({ secrets }) => secrets.length > 0),
      ...valueCases.map(({ isHidden }) => isHidden)
    ]
    expect(hidden.filter((isHidden) => isHidden).length).toBeGreaterThanOrEqual(150)
    expect(hidden.filter((isHidden) => !isHidden).length).toBeGreaterThanOrEqual(80)
  })

  it("F93 a secret word is seen wherever it stands in a key of several kilobytes; longer ones are not looked through", () => {
    for (const key of [`${"x".repeat(4_000)}_password`, `password_${"x_".repeat(2_000)}`, "я".repeat(9_000)])
      expect(encodeLine({ extras: { [key]: theSecret } })).not.toContain(theSecret)
    expect(isSecretKey("x_".repeat(2_000))).toBe(false)
  })

  it("added keys are secret in any spelling and within others, allowed ones are not", () => {
    const isSecret = secretKeys({ keys: ["customerNo", "iban"], allow: ["signature", "token_value"] })
    const hidden = ["CUSTOMER-NO", "customer_nos", "myCustomerNo", "iban", "ibans", "oldIban", "x-signature"]
    expect(hidden.filter((key) => !isSecret(key))).toEqual([])
    const shown = ["customer", "ibanCount", "hasIban", "signature", "SIGNATURE", "tokenValue", "no"]
    expect(shown.filter(isSecret)).toEqual([])
  })

  it("a name in a text is a secret's for every word that a key knows", () => {
    for (const word of secretWords.filter((it) => isSecretKey(it)))
      expect(withoutSecrets(`my-${word} = x1`, keys), word).toBe(`my-${word} = [redacted]`)
  })
})

describe("texts", () => {
  const written = (text: string): unknown => encodeParsed({ message: text, extras: { text } })

  it.each(textCases)("F93 $text", ({ text, shown, secrets }) => {
    expect(withoutSecrets(text, keys)).toBe(shown)
    expect(written(text)).toMatchObject({ message: shown, text: shown })
    // What was shown once is shown the same way again: of a relayed line, of a text made of others.
    expect(withoutSecrets(shown, keys)).toBe(shown)
    for (const secret of secrets) {
      expect(secret).not.toBe("")
      expect(encodeLine({ message: text, extras: { text, deep: [{ text }] } })).not.toContain(secret)
    }
  })

  it.each(textCases.filter(({ secrets }) => secrets.length > 0))(
    "F93 behind other text: $text",
    ({ text }) => {
      const around = `${"words, and more of them; ".repeat(20)}\n`
      const shown = withoutSecrets(around + text, keys)
      expect(written(around + text)).toMatchObject({ text: shown })
      expect(shown).not.toContain(theSecret)
    }
  )

  it("F93 a secret that the cut of a text divides is none of what is left", () => {
    for (let before = 8_192 - 40; before < 8_192; before++) {
      const line = encodeLine({
        message: `${"x".repeat(before)} https://ada:${theSecret.repeat(9)}@h/ ${"y".repeat(999)}`
      })
      expect(line).not.toContain("ada:")
    }
  })

  it("F93 a name that is judged from the bytes before it is no secret's in the text either", () => {
    const pieces = [
      ...[
        "password",
        "passé",
        "api",
        "key",
        "pin",
        "code",
        "name",
        "value",
        "user",
        "PASS%77ORD",
        "пароль",
        "a1"
      ],
      ...[" ", "_", "-", ".", '"', "[", "]", "\\", "?", "&", "=", ":", "<", "é"]
    ]
    let judged = 0
    forSeeds(20_000, (random) => {
      const text = Array.from(
        { length: 1 + Math.floor(random() * 5) },
        () => pieces[Math.floor(random() * pieces.length)]
      )
      const before = text.join("")
      const bytes = new TextEncoder().encode(before)
      if (!isOtherNamed(bytes, bytes.length, keys.parts)) return
      judged += 1
      expect(isSecretNamed(`${before}=0123456789abcdef0`, before.length, keys), JSON.stringify(before)).toBe(
        false
      )
    })
    expect(judged).toBeGreaterThan(1_000)
  })

  it("F94 a text of any pieces is searched in time that grows with its length", () => {
    const pieces = [
      ...[
        "a",
        " ",
        "\n",
        "\\",
        '"',
        "'",
        "=",
        ":",
        "@",
        "%25",
        "%3D",
        "{",
        "[",
        "<a>",
        "<a ",
        "----",
        "é",
        "a=",
        "x@"
      ],
      ...[
        "://",
        "https://",
        "x://u:p@",
        "eyJ",
        "-----BEGIN PRIVATE KEY-----",
        "Bearer ",
        "basic ",
        "sk-",
        "ghp_",
        "AKIA"
      ],
      ...[
        "password:",
        "password: '",
        "password=a,",
        "password={",
        "password:\n",
        "password: |\n x",
        "cookie: a;"
      ],
      ...[
        "authorization: x a=1,",
        "--password ",
        "-u a:b ",
        "curl",
        "api key:",
        "pass\\u0077ord:",
        '"name":"pin","value":'
      ]
    ]
    const spent = (text: string): number => {
      const before = process.cpuUsage()
      withoutSecrets(text, keys)
      const { user, system } = process.cpuUsage(before)
      return (user + system) / 1_000
    }
    forSeeds(60, (random) => {
      const one = (): string => pieces[Math.floor(random() * pieces.length)] ?? ""
      const unit = one() + one() + (random() < 0.5 ? one() : "")
      const ofLength = (length: number): string => unit.repeat(Math.ceil(length / unit.length))
      const small = Math.max(1, spent(ofLength(4_000)))
      // Sixteen times as long. What grows with the square takes 256 times as much; a third look is for a busy machine.
      const large = Math.min(...[1, 2, 3].map(() => spent(ofLength(64_000))))
      expect(large, JSON.stringify(unit)).toBeLessThan(100 * small)
    })
  }, 60_000)

  it("an application's patterns are searched in every text, and a second look may let a match stand", () => {
    const own = new Keys({
      keys: ["iban"],
      patterns: [/INV-\d+/, { find: /\d{3,}/, isSecret: (it) => it !== "100" }]
    })
    expect(withoutSecrets("INV-17 of INV-18, 100 and 101, iban: DE1", own)).toBe(
      "[redacted] of [redacted], 100 and [redacted], iban: [redacted]"
    )
  })

  it("paymentCards finds what the check digit confirms, and no other number", () => {
    const own = new Keys({ patterns: [paymentCards] })
    for (const card of ["4111111111111111", "4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"])
      expect(withoutSecrets(`card ${card}.`, own)).toBe("card [redacted].")
    for (const other of ["4111111111111112", "1234567890123456", "2026-11-22", "41111111"])
      expect(withoutSecrets(`card ${other}.`, own)).toBe(`card ${other}.`)
    expect(withoutSecrets("card 4111111111111111.", keys)).toBe("card 4111111111111111.")
  })
})

describe("structures", () => {
  it.each(valueCases)("F93 $source", ({ make, shown, isHidden }) => {
    const line = encodeLine({ extras: { value: make() } })
    expect(JSON.parse(line).value).toEqual(shown)
    if (isHidden) expect(line).not.toContain(theSecret)
  })

  it("F93 an error's own fields, its causes, and what HTTP clients hang on it", () => {
    const config = {
      url: `https://ada:${theSecret}@h/`,
      data: `{"password":"${theSecret}"}`,
      headers: { Authorization: `Bearer ${theSecret}` },
      auth: { username: "ada", password: theSecret }
    }
    const response = { headers: new Headers({ "set-cookie": `sid=${theSecret}` }), config }
    const cause = Object.assign(new Error(`password: ${theSecret}`), { config, response, token: theSecret })
    const error = new AggregateError([cause], `GET https://h/?token=${theSecret}`, { cause })
    const line = encodeLine({ extras: { error } })
    expect(line).not.toContain(theSecret)
    expect(line).toContain("GET https://h/?token=[redacted]")
  })

  it("S2.6 F93 what a tool was asked and answered is searched before it is cut", async () => {
    const exporter = memoryExporter()
    const audit = createAuditLog({ app: "secrets", exporters: [exporter], exitHook: false })
    const answers = [
      { password: theSecret },
      `{"password":"${theSecret}"}`,
      `{"list":[${"1,".repeat(140)}1],"password":"${theSecret.repeat(20)}"}`,
      `${"x".repeat(280)} https://ada:${theSecret.repeat(9)}@h/`,
      [["password", theSecret]]
    ]
    for (const answer of answers)
      auditTool(audit, "login", (_: unknown) => answer)({ note: answer, password: theSecret })
    await audit.close()
    expect(exporter.lines).toHaveLength(answers.length)
    expect(exporter.lines.join("")).not.toContain("hunt")
  })
})
