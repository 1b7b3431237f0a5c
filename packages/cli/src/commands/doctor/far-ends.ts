// Whether collectors and databases answer at all: a connection is made and closed again. Nothing is sent, so nothing is said of
// names and passwords.
import { connect } from "node:net"
import { type About, type Check, fine, problem } from "./check.ts"

const timeoutMs = 3_000

const ports: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "postgres:": 5_432,
  "postgresql:": 5_432,
  "mysql:": 3_306,
  "mariadb:": 3_306
}

interface FarEnd {
  /** Without a password. */
  readonly name: string
  readonly host: string
  readonly port: number
}

export const farEndChecks = async (
  { env, signal }: About,
  given: readonly string[]
): Promise<readonly Check[]> => {
  const fromEnv = env.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT
  const checks: Check[] = []
  for (const text of fromEnv === undefined || fromEnv === "" ? given : [...given, fromEnv]) {
    const end = farEndIn(text)
    if (end === undefined)
      checks.push(
        problem(
          "far end",
          "one that was given is no address",
          "Write otlp:http://localhost:4318, postgres://host, or host:port"
        )
      )
    else if (!signal.aborted) checks.push(await reach(end))
  }
  return checks
}

const farEndIn = (text: string): FarEnd | undefined => {
  const address = text.replace(/^otlp:/, "")
  const [, name, port] = /^([A-Za-z0-9._-]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/.exec(address) ?? []
  if (name !== undefined && port !== undefined)
    return { name: address, host: name.replace(/^\[|\]$/g, ""), port: Number(port) }
  try {
    const { protocol, hostname, port: given, host } = new URL(address)
    const port = given === "" ? ports[protocol] : Number(given)
    return port === undefined || hostname === ""
      ? undefined
      : { name: `${protocol}//${host}`, host: hostname.replace(/^\[|\]$/g, ""), port }
  } catch {
    return undefined
  }
}

const reach = ({ name, host, port }: FarEnd): Promise<Check> =>
  new Promise((done) => {
    const socket = connect({ host, port })
    const end = (check: Check): void => {
      socket.destroy()
      done(check)
    }
    const down = (why: string): Check =>
      problem(
        "far end",
        `${name} does not answer: ${why}`,
        "Is it running, and may this machine reach it? What is not delivered waits in the files"
      )
    socket.setTimeout(timeoutMs, () => end(down(`no answer within ${timeoutMs / 1_000} s`)))
    socket.on("connect", () => end(fine("far end", `${name} answers`)))
    socket.on("error", (error) => end(down((error as { readonly code?: string }).code ?? error.message)))
  })
