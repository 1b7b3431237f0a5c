// The program: a log whose events are on the disk when they are confirmed, and a delivery that follows its files to the database.
// Nothing here waits for the database, and nothing has to be done when it is away.
import { createAuditLog } from "@daybook/core"
import { fileExporter } from "@daybook/file-exporter"
import { type DeliveryHealth, type DeliveryResult, deliver } from "@daybook/file-exporter/delivery"
import { LoginLog, named, type Person, UseLog } from "./events.ts"
import type { FarEnd } from "./far-end.ts"

export const app = "imagestudio"

/** An event that `commit` has confirmed, as its line names it. */
export interface Confirmed {
  readonly session: string
  readonly seq: number
}

export type Image = Omit<Parameters<typeof UseLog>[0], keyof Person>

export interface Studio {
  /** Answers when the event is on the disk. */
  signIn(
    person: Person,
    addresses: { readonly local_ip: string; readonly public_ip: string }
  ): Promise<Confirmed>
  /** The same. */
  imageMade(person: Person, image: Image): Promise<Confirmed>
  health(): DeliveryHealth
  /** Ends the program. What is not delivered stays in the files. */
  close(): Promise<DeliveryResult>
}

export const openStudio = (dir: string, farEnd: FarEnd): Studio => {
  const files = fileExporter({ dir, required: true, sync: "batch" })
  const audit = createAuditLog({ app, exporters: [files] })
  // Its notices go to stderr by default. Here the screen says the same.
  const delivery = deliver({ app, dir, source: files, to: farEnd.exporter(), notice: () => undefined })
  const { session } = audit.health()
  const commit = async (event: Parameters<typeof audit.commit>[0]): Promise<Confirmed> => {
    const { seq } = await audit.commit(event)
    return { session, seq }
  }
  return {
    signIn: (person, addresses) =>
      commit(LoginLog({ ...named(person), ...addresses, login_time: new Date().toLocaleString("sv") })),
    imageMade: (person, image) => commit(UseLog({ ...named(person), ...image })),
    health: () => delivery.health(),
    close: async () => {
      await audit.close()
      return delivery.close()
    }
  }
}
