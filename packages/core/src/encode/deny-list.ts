// Which keys name a secret. Looked at where a key is written, so a secret's value is never even read.
//
//   "DB_API_KEYS2" ──fold, split──▶ db · api · keys ──one to four words as one──▶ "apikey" is secret
//   the word behind it only describes ("apiKeyCount"), or "has" stands before it: readable
//
// Free of imports, so that a page can have it alone. docs/guides/privacy.md has the words as a table.

/** What an application adds to the rules, and takes from them. Keys in any spelling: `customerNo` is also `CUSTOMER-NO`. */
export interface KeyRules {
  /** Secret like a word of ours: also within a longer key. */
  readonly keys?: readonly string[] | undefined
  /** Never secret; only as the whole key. */
  readonly allow?: readonly string[] | undefined
}

/** Secret wherever they end a word, `dbpassword` and `PGPASSWORD`, and as several words: `passWord`. */
const ends =
  "password passwd pwd passphrase passcode passwort kennwort contrasena motdepasse senha token secret cookie credential apikey privatekey secretkey accesskey licencekey licensekey signingkey encryptionkey accountkey sshkey hmackey"

/** Secret as a whole word, or as several: `cardnumber`, `card_number`. */
const wholes =
  "authorization bearer jwt otp totp psk mfacode ssn socialsecurity cvv cvc csc cardnumber cardno creditcard connectionstring connectsid phpsessid jsessionid aspnetsessionid " +
  "authkey authheader sessionkey decryptionkey masterkey sharedkey storagekey subscriptionkey deploykey aeskey rsakey pgpkey gpgkey clientkey appkey applicationkey userkeyfile rootkey adminkey recoverykey activationkey productkey " +
  "activationcode recoverycode backupcode securitycode verificationcode authcode codeverifier authorizationcode onetimecode seedphrase recoveryphrase mnemonic securityanswer secretanswer " +
  "signature sig dbpass userpass smtppass mysqlpass pgpass redispass mailpass ftppass sshpass adminpass rootpass passkey " +
  "密码 密碼 口令 パスワード 비밀번호 пароль"

/** Secret only where nothing stands behind them. */
const lasts = "pin pass passw passe"

/** Right behind a secret word they say that its value only describes: `token_count`, `cookieConsent`. */
const describing =
  "id count type name status consent expires at length limit used policy hint ids counts names types expiry expiration ttl budget usage strength version format algorithm enabled required accepted rejected changed updated created rotated expired endpoint error errors exception label title placeholder"

/** Before a token, they say that it is a bound or a place in a list: `max_token`, `nextPageToken`. */
const bounding = "max min num number total page next prev previous continuation sync"

/** Before tokens, they say that those are counted: `prompt_tokens`. */
const counting =
  "prompt completion input output cached cache reasoning thinking audio image text used remaining billed"

const setOf = (words: string): ReadonlySet<string> => new Set(words.split(" ").map(folded))

/** Letters of other scripts that look like Latin ones, each before the letter it looks like. */
const lookAlikes = "аaαaеeεeоoοoрpρpсcуyυuхxχxіiιiıiѕsјjԁdһhԛqԝwкkκkтtτtвbβbнhмmиuνvɡgɑaⅼl"
const latinOf: ReadonlyMap<string, string> = new Map(
  Array.from({ length: lookAlikes.length / 2 }, (_, at) => [
    lookAlikes.charAt(2 * at),
    lookAlikes.charAt(2 * at + 1)
  ])
)

// Full-width and other compatibility forms, accents, letters that only look like Latin ones, what cannot be seen.
function folded(text: string): string {
  if (/^[ -~]*$/.test(text)) return text.toLowerCase()
  const plain = text.normalize("NFKD").toLowerCase()
  return plain.replace(/[\p{M}\p{Cf}]/gu, "").replace(/[^ -~]/g, (letter) => latinOf.get(letter) ?? letter)
}

/** Longer keys are data that went astray, and not looked through. */
const keyCharsMax = 8_192

// Digits divide words as signs do: `oauth2Token`, `password2`.
const wordsOf = (key: string): readonly string[] =>
  key
    .normalize("NFKC")
    .replace(/[\p{Cf}]/gu, "")
    .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, "$1 $2")
    .split(/[^\p{L}\p{M}]+/u)
    .map(folded)
    .filter((word) => word !== "")

const joined = (key: string): string => wordsOf(key).join("")

/** How many words of a key may be one of ours written apart: `s3_shared_access_key`. */
const wordsMax = 4

const isEnd = new RegExp(`(?:${ends.replaceAll(" ", "|")})s?$`)
const isWhole = setOf(`${ends} ${wholes}`)
/** `maxtokens` and `promptTokens`, as one word. */
const isMeasured = new RegExp(
  `(?:${bounding.replaceAll(" ", "|")})tokens?$|(?:${counting.replaceAll(" ", "|")})tokens$`
)
const isLast = setOf(lasts)
const isDescribing = setOf(describing)
const isDenial = setOf("has is")

/** Makes the function that says whether the value under a key must be written as "[redacted]". It takes microseconds. */
export const secretKeys = ({ keys = [], allow = [] }: KeyRules): ((key: string) => boolean) => {
  const added = new Set(keys.map(joined))
  const allowed = new Set(allow.map(joined))
  added.delete("")
  allowed.delete("")
  const reach = Math.max(wordsMax, ...keys.map((key) => wordsOf(key).length))
  const isListed = (word: string): boolean => isWhole.has(word) || added.has(word)
  const isListedOrPlural = (word: string): boolean =>
    isListed(word) || (word.endsWith("s") && isListed(word.slice(0, -1)))

  return (key) => {
    if (key.length > keyCharsMax) return true
    const words = wordsOf(key)
    const whole = words.join("")
    if (allowed.has(whole) || whole === "tokens") return false
    // Also where odd capitals divide it: `pAsSWord`.
    if (isListedOrPlural(whole)) return true
    for (let start = 0; start < words.length; start++) {
      const first = words[start] as string
      if (isDenial.has(first)) return false
      let word = ""
      for (let end = start; end < words.length && end < start + reach; end++) {
        word += words[end]
        const next = words[end + 1]
        if (next === undefined && isLast.has(word)) return true
        if (next !== undefined && isDescribing.has(next)) continue
        const isSecret = isListedOrPlural(word) || (end === start && isEnd.test(word))
        if (isSecret && !isMeasured.test((words[start - 1] ?? "") + word)) return true
      }
    }
    return false
  }
}

/** The built-in rules alone. */
export const isSecretKey: (key: string) => boolean = secretKeys({})

/** In a text, what may be the second of two words, or stand beside a name: `api key: x`, `"name":"password","value":"x"`. */
const secondWords = "key number string code phrase answer word value".split(" ")

/** Three letters in a row of each word above, as few as do: `key` stands for all keys. */
const ownParts =
  "key pas pwd ntr sen ken sec coo cre aut bea jwt otp mfa ssn soc cvv cvc csc car str sid ses cod phr mne ans sig pin num val ord psk"

/**
 * What a name must have to be a secret's: one of these three letters in a row, signs and digits left out. So most names in texts are
 * judged without looking them up. At `first << 10 | second << 5 | third`, each letter's place in the alphabet.
 */
export const secretParts = (keys: readonly string[] = []): Uint8Array => {
  if (keys.length === 0) return builtInParts
  const parts = builtInParts.slice()
  for (const key of keys) {
    const word = joined(key).replace(/[^a-z]/g, "")
    // Too short to be told by its parts: every name is looked up.
    if (word.length < 3) parts.fill(1)
    else parts[partOf(word)] = 1
  }
  return parts
}

const partOf = (word: string): number =>
  ((word.charCodeAt(0) & 31) << 10) | ((word.charCodeAt(1) & 31) << 5) | (word.charCodeAt(2) & 31)

const builtInParts = new Uint8Array(1 << 15)
for (const part of ownParts.split(" ")) builtInParts[partOf(part)] = 1

/** For the test that every word has a part. */
export const secretWords: readonly string[] = [...isWhole, ...isLast, ...secondWords]
