// How the program ends: the codes that scripts rely on, and the error that a command ends with on purpose.
// What other errors mean is decided here too, once for all commands.

export const exitCodes = {
  ok: 0,
  /** Something is not as it should be: a proof failed, doctor found something, a line was refused. */
  finding: 1,
  usage: 2,
  notFound: 3,
  /** A mistake of ours. */
  defect: 70,
  io: 74,
  interrupted: 130,
  /** A service manager's signal. */
  terminated: 143
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Ends a command with words for people, and a code for scripts. */
export class CommandError extends Error {
  readonly code: ExitCode

  constructor(code: ExitCode, message: string) {
    super(message)
    this.name = "CommandError"
    this.code = code
  }
}

export const usageError = (message: string): CommandError => new CommandError(exitCodes.usage, message)

interface Failure {
  readonly code: ExitCode
  readonly text: string
}

/** What an error says to people, and to scripts. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof CommandError) return { code: error.code, text: error.message }
  const { name, message, kind, code, stack } = error as Partial<Error> & { kind?: unknown; code?: unknown }
  if (name === "TrailError" && message !== undefined)
    return { code: trailCodes[String(kind)] ?? exitCodes.io, text: message }
  // The system's own words have the path and the errno's name.
  if (typeof code === "string" && /^E[A-Z]+$/.test(code) && message !== undefined)
    return { code: code === "ENOENT" ? exitCodes.notFound : exitCodes.io, text: message }
  if (error instanceof TypeError && /^\w+: (there is no option|option|options|the )/.test(error.message))
    return { code: exitCodes.usage, text: error.message }
  if (error instanceof Error && /^Cannot /.test(error.message))
    return { code: exitCodes.io, text: error.message }
  return { code: exitCodes.defect, text: `This is a mistake of daybook: ${stack ?? String(error)}` }
}

const trailCodes: Readonly<Record<string, ExitCode>> = {
  missing: exitCodes.notFound,
  several: exitCodes.usage,
  refused: exitCodes.usage,
  unreadable: exitCodes.io
}
