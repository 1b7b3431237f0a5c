// The log's lines for the people who run the application: one for a change of state and, when it is traced, one for each
// step. Nothing here ever throws.

import { textOf } from "../encode/described.ts"
import type { Fields } from "../encode/fields.ts"
import { type SecretNames, withoutSecrets } from "../encode/text-patterns.ts"
import { printable } from "../event/printable-text.ts"
import type { Trace } from "../pipeline/exporter.ts"

const prefix = "[daybook]"

export class Notices {
  /** One line for each step, when `<APP>_AUDIT_TRACE=1` asks for it: `[audit] what key=value`. */
  readonly trace: Trace | undefined

  private readonly app: string
  private readonly write: (line: string) => void

  private readonly names: SecretNames

  /** `names` are those of secrets: a text may have come from an error. */
  constructor(app: string, write: (line: string) => void, isTraced: boolean, names: SecretNames) {
    this.app = app
    this.write = write
    this.names = names
    this.trace = isTraced ? (what, values) => this.step(what, values) : undefined
  }

  tell(text: string): void {
    this.line(`${prefix} ${this.app}: ${text}`)
  }

  private step(what: string, values: Fields): void {
    const pairs = Object.keys(values).map((key) => `${key}=${quoted(textOf(values[key]))}`)
    this.line(`[audit] ${[what, ...pairs].join(" ")}`)
  }

  private line(text: string): void {
    try {
      // A path or an error text may hold a line break or a terminal's escape sequence.
      this.write(printable(withoutSecrets(text, this.names)))
    } catch {
      // A notice that cannot be written cannot be reported either.
    }
  }
}

// A value ends at the next space, so that a line can be split.
const quoted = (text: string): string => (/^[^\s"]+$/.test(text) ? text : JSON.stringify(text))
