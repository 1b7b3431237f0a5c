// Starts PostgreSQL and MariaDB before the first test and ends them after the last; each test has a database of its own there.
import type { TestProject } from "vitest/node"
import { type FoundServer, startMariadb, startPostgres } from "../../../scripts/database-servers.ts"

/** What a test process can get of a server. */
export type ProvidedServer = { readonly url: string } | { readonly missing: string }

declare module "vitest" {
  interface ProvidedContext {
    readonly PostgreSQL: ProvidedServer
    readonly MariaDB: ProvidedServer
  }
}

export const setup = async (project: TestProject): Promise<() => Promise<void>> => {
  const servers = { PostgreSQL: await startPostgres(), MariaDB: await startMariadb() }
  for (const [name, found] of Object.entries(servers)) {
    project.provide(name as keyof typeof servers, provided(found))
    if ("missing" in found) console.log(`${name}: its tests are skipped: ${found.missing}`)
  }
  return async () => {
    for (const found of Object.values(servers)) if (!("missing" in found)) await found.stop()
  }
}

const provided = (found: FoundServer): ProvidedServer => ("missing" in found ? found : { url: found.url })
