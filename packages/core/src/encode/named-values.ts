// Secrets that a text names: `password: x`, `?token=x`, `"apiKey":"x"`, `--password x`, a header's line, YAML. A name is read
// backwards from the sign behind it, the value forwards. Every unit is looked at a bounded number of times, whatever the text is.
//
//   …&api_key = "k-123"&page=2
//     └─name┘ │  └─┴── from the quote to its fellow, else up to what ends a value there
//             └── `:` or `=`
import type { SecretNames } from "./secret-names.ts"
import { read } from "./thrown.ts"

export const redacted = "[redacted]"

const backslash = 0x5c

/** Longer names are looked at from their end. */
const nameCharsMax = 128

/** Of ASCII, what a name may be made of: letters, signs and digits, what is encoded. */
const Kind = { none: 0, letter: 1, sign: 2, percent: 3 } as const
const kinds = new Uint8Array(128)
for (const unit of "0123456789_-.$") kinds[unit.charCodeAt(0)] = Kind.sign
for (let letter = 0; letter < 26; letter++) kinds[0x41 + letter] = kinds[0x61 + letter] = Kind.letter
kinds[0x25] = Kind.percent

const isBlank = (unit: number): boolean => unit === 0x20 || unit === 0x09
const isQuote = (unit: number): boolean => unit === 0x22 || unit === 0x27 || unit === 0x60

/** Files that are written in columns have many before the sign. */
const blanksMax = 32

/** Where a name ends that is written before `at`: before blanks, a quote and its backslashes, a bracket. */
const nameEnd = (text: string, at: number): number => {
  let end = at
  while (end > 0 && at - end < blanksMax && isBlank(text.charCodeAt(end - 1))) end -= 1
  end = beforeBrackets(text, end)
  if (!isQuote(text.charCodeAt(end - 1))) return end
  end -= 1
  while (at - end < nameCharsMax && text.charCodeAt(end - 1) === backslash) end -= 1
  return beforeBrackets(text, end)
}

// `user[password]`, `password[]`
const beforeBrackets = (text: string, end: number): number => {
  if (text.charCodeAt(end - 1) !== 0x5d) return end
  return text.charCodeAt(end - 2) === 0x5b ? end - 2 : end - 1
}

/**
 * Whether the name of a secret stands before `at`. Most names are no secret's, and are known by lacking the parts of one: see
 * `secretParts`.
 */
export const isSecretNamed = (text: string, at: number, names: SecretNames): boolean => {
  const end = nameEnd(text, at)
  const { parts } = names
  let start = end
  let part = 0
  let found = 0
  let isPlain = true
  while (start > 0 && end - start < nameCharsMax) {
    const unit = text.charCodeAt(start - 1)
    const kind = unit < 0x80 ? (kinds[unit] as number) : Kind.percent
    if (kind === Kind.letter) {
      part = (part >> 5) | ((unit & 31) << 10)
      found |= parts[part] as number
    } else if (kind === Kind.none) break
    else if (kind === Kind.percent) isPlain = false
    start -= 1
  }
  if (start === end) return false
  const before = text.charCodeAt(start - 1)
  if (isPlain && found === 0 && before !== backslash) return false
  const name = text.slice(start, end)
  if (names.isSecret(isPlain ? name : withoutPercents(name))) return true
  if (before === backslash) return isEscapedSecret(text, start, end, names)
  return (
    (before === 0x20 && isSecondWord.test(name) && isSecretTogether(text, start, end, names)) ||
    ((name === "value" || name === "Value") && isOfNamedPair(text, start, names)) ||
    (name === "code" && (before === 0x3f || before === 0x26) && isLong.test(text.slice(at + 1, at + 17)))
  )
}

/** What an address of OAuth brings back; shorter ones are of countries and errors. */
const isLong = /^[\w.~%/+-]{16}$/

/**
 * The same without a call into the text, for most names: true where it is certain from the bytes before `at` that no secret's name
 * stands there. JSON has such a name in every few bytes.
 */
export const isOtherNamed = (bytes: Uint8Array, at: number, parts: Uint8Array): boolean => {
  const end = at > 0 && bytes[at - 1] === 0x22 ? at - 1 : at
  let start = end
  let part = 0
  let found = 0
  while (start > 0 && end - start < nameCharsMax) {
    const unit = bytes[start - 1] as number
    const kind = unit < 0x80 ? (kinds[unit] as number) : Kind.percent
    if (kind === Kind.letter) {
      part = (part >> 5) | ((unit & 31) << 10)
      found |= parts[part] as number
    } else if (kind === Kind.none) return start < end && found === 0 && unit !== backslash
    else if (kind === Kind.percent) return false
    start -= 1
  }
  return start === 0 && start < end && found === 0
}

/** Members that may name what stands under `value`. */
export const namingKeys: readonly string[] = ["name", "key", "field", "header"]

/** `{ name: "password", value }`, as HAR has it: whether the value is a secret. May throw what the object throws. */
export const isNamedSecret = (owner: object, names: SecretNames): boolean => {
  for (const key of namingKeys) {
    if (!Object.hasOwn(owner, key)) continue
    const name = read(owner, key)
    if (typeof name === "string" && isSecretName(name, names)) return true
  }
  return false
}

/**
 * Whether an item of a list is named by the one before it: `["password", x]`, `["--password", x]`, and names and values by turns where
 * `isFlat`, as `rawHeaders` has them.
 */
export const isNamedByItem = (
  before: unknown,
  index: number,
  length: number,
  isFlat: boolean,
  names: SecretNames
): boolean =>
  typeof before === "string" &&
  ((index === 1 && length === 2) || (isFlat && index % 2 === 1) || before.startsWith("--")) &&
  isSecretName(before, names)

/** Whether a text that stands where a name may is that of a secret. */
export const isSecretName = (text: string, names: SecretNames): boolean => {
  if (text.length > nameCharsMax || !/^[^\0-#&-,/:-@[-^`{-\x7f\s]*$/.test(text)) return false
  return isSecretNamed(text, text.length, names)
}

/** Whether the name of an XML element that begins there is a secret's. */
export const isSecretElement = (text: string, start: number, names: SecretNames): boolean => {
  let end = start
  while (end - start < nameCharsMax && kinds[text.charCodeAt(end)] !== Kind.none) end += 1
  // Of XML's names, a colon is one more sign.
  if (text.charCodeAt(end) === 0x3a) return isSecretElement(text, end + 1, names)
  return end > start && isSecretNamed(text, end, names)
}

const nameStart = (text: string, end: number): number => {
  let start = end
  while (start > 0 && end - start < nameCharsMax) {
    const unit = text.charCodeAt(start - 1)
    if (unit < 0x80 && kinds[unit] === Kind.none) break
    start -= 1
  }
  return start
}

/** `api key: x`, `Card number: x`. */
const isSecondWord = /^(?:keys?|numbers?|strings?|codes?|phrases?|answers?|word)$/i

const isSecretTogether = (text: string, start: number, end: number, names: SecretNames): boolean => {
  const first = nameStart(text, start - 1)
  return names.isSecret(text.slice(first, end)) && !names.isSecret(text.slice(first, start - 1))
}

// JSON within JSON: `\npassword`, and `pass\u0077ord`.
const isEscapedSecret = (text: string, start: number, end: number, names: SecretNames): boolean => {
  const name = text.slice(start, end)
  if (/^[nrtbf]/.test(name) && names.isSecret(name.slice(1))) return true
  const from = Math.max(0, end - nameCharsMax)
  const [whole] = /[\w$.%\\-]*$/.exec(text.slice(from, end)) ?? [""]
  return names.isSecret(
    whole.replace(/\\+u([\da-f]{4})/gi, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))
  )
}

// `{"name":"password","value":"x"}`, as HAR and others have it, and the same in YAML and in XML's attributes.
const isOfNamedPair = (text: string, start: number, names: SecretNames): boolean => {
  const before = text.slice(Math.max(0, start - 2 * nameCharsMax), start)
  const pair =
    /(?:name|key|field|header)\\*"\s{0,3}:\s{0,3}\\*"([^"\\]{1,128})\\*"\s{0,3},\s{0,32}\\*"$/i.exec(before)
  const name = pair?.[1] ?? yamlPair.exec(before)?.[1] ?? attributePair.exec(before)?.[1]
  return name !== undefined && names.isSecret(name)
}

const yamlPair =
  /\b(?:name|key|field|header):[ \t]{0,3}["']?([\w$.-]{1,128})["']?[ \t]{0,3}(?:\r?\n|\\+n)[ \t]{0,64}$/i
const attributePair = /\s(?:name|key|field|header)=\\*["']([^"'<>\\]{1,128})\\*["']\s{1,32}$/i

export const withoutPercents = (text: string): string =>
  text.replace(/%([2-7][\da-f])/gi, (_, unit: string) => String.fromCharCode(Number.parseInt(unit, 16)))

const separator = /[:=]/g

// Looking a name up may lead here again, so no place is kept in the pattern.
const signFrom = (text: string, from: number): number => {
  separator.lastIndex = from
  return separator.exec(text)?.index ?? -1
}

/** Of a URL, of a path of C++ or Rust. */
const isOther = /^:(?:\/\/|:)/

/** The text without the values that a name before them makes secret. */
export const withoutNamedValues = (text: string, names: SecretNames): string => {
  let shown = ""
  let from = 0
  for (let at = signFrom(text, 0); at !== -1; at = signFrom(text, Math.max(from, at + 1))) {
    if (isOther.test(text.slice(at, at + 3)) || !isSecretNamed(text, at, names)) continue
    const value = valueBehind(text, at)
    if (value === undefined) continue
    shown += text.slice(from, value.start) + redacted
    from = value.end
  }
  return from === 0 ? text : shown + text.slice(from)
}

interface Span {
  readonly start: number
  readonly end: number
}

const valueBehind = (text: string, at: number): Span | undefined => {
  const sign = at + (matched(/[=>]*/y, text, at + 1) ?? "").length + 1
  // PHP says the length of a text before it.
  const start = sign + (matched(/(?:\s*string\(\d+\) (?=\\*"))?[ \t]*/y, text, sign) ?? "").length
  const line = lineOf(text, at)
  if (line !== undefined && text.charCodeAt(at) === 0x3a) {
    const block = blockEnd(text, start, line)
    if (block !== undefined) return { start, end: block }
  }
  const open = matched(/\\*["'`]/y, text, start)
  if (open !== undefined) {
    const from = start + open.length
    const end = quoteEnd(text, from, open)
    return end === from ? undefined : { start: from, end }
  }
  if (text[start] === "{" || text[start] === "[") return { start, end: bracketEnd(text, start) }
  let end = runEnd(text, start)
  const value = text.slice(start, end)
  if (value === "" || isState.test(value)) return undefined
  const name = text.slice(Math.max(0, at - 20), at)
  if (isPlace.test(value) && isFile.test(`${name}:${value}`)) return undefined
  if (/cookie["'\s]*$/i.test(name)) end += (matched(/(?:;[ \t]*[^\s"';]+)*/y, text, end) ?? "").length
  else if (/^[a-z][\w-]*$/i.test(value) && (/authorization["'\s]*$/i.test(name) || isScheme.test(value)))
    end = credentialEnd(text, end)
  // The line of a header or of a file: what follows is the value's too.
  if (line !== undefined && text.charCodeAt(at) === 0x3a && text.includes("\n"))
    end = Math.max(end, lineEnd(text, start))
  return { start, end }
}

/** What stands where a value could, and says how things are: `secret=false`, `authorization: denied`. */
const isState =
  /^(?:true|false|null|undefined|none|nil|yes|no|on|off|ok|set|unset|valid|invalid|missing|required|optional|empty|present|absent|unknown|enabled|disabled|accepted|rejected|granted|denied|refused|allowed|forbidden|revoked|expired|failed|changed|updated|hidden|string|number|boolean|not|must|has|does|was|too|wrong|incorrect|malformed|mismatch|verified|unexpected|\?|\$\d{1,3}|%s|\*+)[.!?)]*$/i

/** Of a stack: `TokenFilter.java:42`, `internal/token:17:3`. */
const isPlace = /^\d{1,7}(?::\d{1,7})?$/
const isFile =
  /(?:[/\\][\w.-]*:\d+|\.(?:java|kts?|scala|groovy|cs|py|rb|go|rs|php|swift|vue|[cm]?[jt]sx?)):\d+$/

const isScheme = /^(?:bearer|basic|digest|negotiate|ntlm|token|apikey|hawk|aws4-hmac-sha256)$/i

const matched = (pattern: RegExp, text: string, at: number): string | undefined => {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

// `scheme credential`, and what follows in the form of parameters.
const credentialEnd = (text: string, schemeEnd: number): number => {
  const start = schemeEnd + (matched(/[ \t]*/y, text, schemeEnd) ?? "").length
  const first = matched(
    /[\w-]{1,40}=(?:"[^"]*"|[^\s,"]*)(?:,[ \t]*[\w-]{1,40}=(?:"[^"]*"|[^\s,"]*))*/y,
    text,
    start
  )
  return first !== undefined && first.length > 2 && !first.endsWith("=")
    ? start + first.length
    : Math.max(schemeEnd, runEnd(text, start))
}

// In a run of values another name may follow; quotes and brackets within a word are the value's own.
const runEnd = (text: string, start: number): number => {
  const first = text.startsWith(redacted, start) ? start + redacted.length : start
  let end = first
  for (;;) {
    end += (matched(/[^\s"'`<>,;&]*/y, text, end) ?? "").length
    const more = matched(
      /["'`<>](?=[^\W_])[^\s"'`<>,;&]*|[,;&][^\s"'`<>,;&=:]+(?=[\s"'`<>,;&]|$)/y,
      text,
      end
    )
    if (more === undefined) break
    end += more.length
  }
  // What closes around a value, or ends the sentence.
  while (end > first && ")]}.\\".includes(text.charAt(end - 1))) end -= 1
  return end
}

// A quote within the text has more backslashes than those around it.
const quoteEnd = (text: string, from: number, open: string): number => {
  const mark = open.charAt(open.length - 1)
  const depth = open.length - 1
  for (let at = text.indexOf(mark, from); at !== -1; at = text.indexOf(mark, at + 1)) {
    let before = at
    while (before > from && text.charCodeAt(before - 1) === backslash) before -= 1
    const count = at - before
    if (count >= depth && (count - depth) % (2 * (depth + 1)) === 0) return at - depth
    if (count < depth) return before
  }
  return text.length
}

// JSON's objects and lists, to the bracket that closes them.
const bracketEnd = (text: string, start: number): number => {
  let depth = 0
  const signs = /["{}[\]]/g
  signs.lastIndex = start
  for (let match = signs.exec(text); match !== null; match = signs.exec(text)) {
    const [sign] = match
    const { index } = match
    if (sign === '"') {
      let before = index
      while (before > start && text.charCodeAt(before - 1) === backslash) before -= 1
      signs.lastIndex = quoteEnd(text, index + 1, text.slice(before, index + 1)) + index - before + 1
    } else {
      depth += sign === "{" || sign === "[" ? 1 : -1
      if (depth === 0) return index + 1
    }
  }
  return text.length
}

/** How far a line is indented whose first word the name before `at` is. */
const lineOf = (text: string, at: number): number | undefined => {
  const start = nameStart(text, nameEnd(text, at))
  const from = Math.max(0, start - 64)
  const indent = /(?:^|[\r\n])([ \t]*(?:- )?)["']?$/.exec(text.slice(from, start))?.[1]
  return indent?.length
}

const lineEnd = (text: string, start: number): number => {
  const end = text.slice(start).search(/[\r\n]/)
  return end === -1 ? text.length : start + end
}

// YAML: a text or a list on the lines below, indented deeper.
const blockEnd = (text: string, start: number, indent: number): number | undefined => {
  const head = matched(/(?:[|>][+-]?\d?)?[ \t]*\r?\n/y, text, start)
  if (head === undefined) return undefined
  const below = new RegExp(
    `(?:[ \\t]{${indent + 1}}[^\\n]*(?:\\n|$)|[ \\t]{${indent}}- [^\\n]*(?:\\n|$)|[ \\t]*\\n)*`,
    "y"
  )
  const block = matched(below, text, start + head.length) ?? ""
  return block.trim() === "" ? undefined : start + head.length + block.trimEnd().length
}

/** `curl -u ada:pa55`. */
const userOption = /((?:^|[\0- ])(?:-u[ =]?|--(?:proxy-)?user[ =])["']?[^\s:"'/]{1,64}:)[^\s"']+/gi

/** Options of one letter, of programs that have them for a password: `mysql -pa55`, `redis-cli -a pa55`. */
const letterOption =
  /(\b(?:(?:mysql|mariadb)[\w-]{0,16}(?=[ \t])[^\n|;&]{0,256}?[ \t]-p|sshpass[ \t]+-p[ \t]*|redis-cli(?=[ \t])[^\n|;&]{0,256}?[ \t]-a[ \t]+|(?:docker|podman|nerdctl)[ \t]+login(?=[ \t])[^\n|;&]{0,256}?[ \t]-p[ \t]*))(?:'[^'\n]+|"[^"\n]+|[^\s'"]+)/g

const optionPattern = /(^|[\0- "'`[(,])(--?[a-z][\w-]{1,64})(\\{0,8}["'`]?[ \t,]+)(?=[^\s-])/gi

/** The same without the values of a command line's options: `--password x`, `"--token", "x"`, `curl -u name:x`. */
export const withoutOptions = (text: string, names: SecretNames): string => {
  let shown = ""
  let from = 0
  for (const match of text.matchAll(optionPattern)) {
    const [whole, , option = ""] = match
    if (match.index < from || !names.isSecret(option)) continue
    let start = match.index + whole.length
    // In JSON within a text, quotes have backslashes.
    const open = matched(/\\{0,8}["'`]/y, text, start) ?? ""
    start += open.length
    const end = open === "" ? runEnd(text, start) : quoteEnd(text, start, open)
    if (end <= start) continue
    shown += text.slice(from, start) + redacted
    from = end
  }
  const rest = from === 0 ? text : shown + text.slice(from)
  const shorter = / -[pa]/.test(rest) ? rest.replace(letterOption, withoutValue) : rest
  return /curl|http/i.test(shorter) ? shorter.replace(userOption, `$1${redacted}`) : shorter
}

const withoutValue = (whole: string, command: string): string => {
  const quote = whole.charAt(command.length)
  return `${command}${quote === "'" || quote === '"' ? quote : ""}${redacted}`
}
