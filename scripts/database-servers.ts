// Real database servers for tests: PostgreSQL and MariaDB, each in a temporary folder on a free port of the loopback, started
// from the machine's own programs, or found by a URL in the environment. Where there is neither, the answer says why, and
// tests are skipped with it. A server can be killed as a crash would, and started again with what is on its disk.
// Usage: tsx scripts/database-servers.ts   (starts both, and says whether they answer)
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, rmSync } from "node:fs"
import { connect, createServer } from "node:net"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { env, getuid } from "node:process"
import type { PackageOf } from "./debian-packages.ts"

/** What Debian has to install for both, by a program of each package. */
export const databasePackages: PackageOf = {
  "/usr/lib/postgresql/*/bin/initdb": "postgresql",
  mariadbd: "mariadb-server-core",
  my_print_defaults: "mariadb-client-core",
  setpriv: "util-linux"
}

/** A server that answers. */
export interface DatabaseServer {
  /** For a user who may do everything; without a password if we started it. */
  readonly url: string
  /** Ends it at once, as a crash would. Absent for a server that we did not start. */
  readonly kill?: () => Promise<void>
  /** Starts it again on the same port, with what it had. */
  readonly start?: () => Promise<void>
  /** Ends it and removes what it wrote. */
  stop(): Promise<void>
}

/** A server, or why there is none. */
export type FoundServer = DatabaseServer | { readonly missing: string }

/** `DAYBOOK_POSTGRES_URL`, or PostgreSQL's programs, on the path or where Debian puts them. */
export const startPostgres = async (): Promise<FoundServer> => {
  if (env.DAYBOOK_POSTGRES_URL) return given(env.DAYBOOK_POSTGRES_URL)
  const initdb = programOf("initdb", "/usr/lib/postgresql/*/bin")
  const postgres = programOf("postgres", "/usr/lib/postgresql/*/bin")
  const isReady = programOf("pg_isready", "/usr/lib/postgresql/*/bin")
  if (initdb === undefined || postgres === undefined || isReady === undefined)
    return { missing: "there is no PostgreSQL on this machine, and no DAYBOOK_POSTGRES_URL" }
  const owner = ownerOf("postgres")
  if ("missing" in owner) return owner
  const dir = freshDir("postgres", owner.id)
  const data = join(dir, "data")
  const [first = "", ...rest] = [...owner.run, initdb]
  const args = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-sync", "-D", data]
  const made = spawnSync(first, [...rest, ...args], { encoding: "utf8", cwd: dir })
  if (made.status !== 0) {
    rmSync(dir, { recursive: true })
    return { missing: `initdb failed: ${lastLine(made.stderr)}` }
  }
  const port = await freePort()
  // A crash of the process loses nothing that it wrote, so it need not wait for the disk.
  const options = ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", dir, "-c", "fsync=off"]
  const isAnswering = (): Promise<boolean> =>
    succeeds(isReady, ["-q", "-h", "127.0.0.1", "-p", String(port), "-U", "postgres"])
  const command = [...owner.run, postgres, ...options]
  return running(dir, command, isAnswering, `postgres://postgres@127.0.0.1:${port}/postgres`)
}

/** `DAYBOOK_MYSQL_URL`, or MariaDB's programs. */
export const startMariadb = async (): Promise<FoundServer> => {
  if (env.DAYBOOK_MYSQL_URL) return given(env.DAYBOOK_MYSQL_URL)
  const install = programOf("mariadb-install-db", "/usr/bin")
  const mariadbd = programOf("mariadbd", "/usr/sbin")
  if (install === undefined || mariadbd === undefined)
    return { missing: "there is no MariaDB on this machine, and no DAYBOOK_MYSQL_URL" }
  const dir = freshDir("mariadb", undefined)
  const data = join(dir, "data")
  const user = getuid?.() === 0 ? ["--user=root"] : []
  const args = [`--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db", ...user]
  const made = spawnSync(install, ["--no-defaults", ...args], { encoding: "utf8" })
  if (made.status !== 0) {
    rmSync(dir, { recursive: true })
    return { missing: `mariadb-install-db failed: ${lastLine(made.stderr)}` }
  }
  const port = await freePort()
  const place = [`--datadir=${data}`, `--socket=${join(dir, "socket")}`, `--pid-file=${join(dir, "pid")}`]
  const net = ["--bind-address=127.0.0.1", `--port=${port}`]
  const speed = ["--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=64M"]
  const command = [...endsWithUs(), mariadbd, "--no-defaults", ...place, ...net, ...speed, ...user]
  return running(dir, command, () => greets(port), `mysql://root@127.0.0.1:${port}/mysql`)
}

const given = (url: string): DatabaseServer => ({ url, stop: async () => undefined })

/** How long a server may take to answer. */
const startMs = 60_000

const running = async (
  dir: string,
  [program = "", ...args]: readonly string[],
  isAnswering: () => Promise<boolean>,
  url: string
): Promise<DatabaseServer> => {
  let child: ChildProcess | undefined
  const kill = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    child.kill("SIGKILL")
    await ended
  }
  const start = async (): Promise<void> => {
    const untilMs = Date.now() + startMs
    while (Date.now() < untilMs) {
      // After a crash, the processes that the dead one left may hold its place for a moment: then the start fails.
      const started = spawn(program, args, { cwd: dir, stdio: "ignore" })
      child = started
      while (started.exitCode === null && Date.now() < untilMs) {
        if (await isAnswering()) return
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    }
    throw new Error(`${program} does not answer`)
  }
  await start()
  return {
    url,
    kill,
    start,
    stop: async () => {
      await kill()
      rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
    }
  }
}

const programOf = (name: string, ...folders: readonly string[]): string | undefined => {
  const places = [...(env.PATH ?? "").split(delimiter), ...folders]
  return places.flatMap((folder) => globSync(join(folder, name))).find((path) => existsSync(path))
}

interface Owner {
  readonly id: number | undefined
  /** Runs a command as that user. */
  readonly run: readonly string[]
}

// PostgreSQL refuses to run as root.
const ownerOf = (user: string): Owner | { readonly missing: string } => {
  if (getuid?.() !== 0) return { id: undefined, run: endsWithUs() }
  const { status, stdout } = spawnSync("id", ["-u", user], { encoding: "utf8" })
  const setpriv = programOf("setpriv", "/usr/bin")
  if (status !== 0 || setpriv === undefined)
    return { missing: `PostgreSQL does not run as root, and there is no user ${user} or no setpriv` }
  const asUser = [`--reuid=${user}`, `--regid=${user}`, "--init-groups"]
  return { id: Number(stdout), run: [...endsWithUs(), ...asUser] }
}

/** Ends a server whose test process was killed, where the system can do that. */
const endsWithUs = (): readonly string[] => {
  const setpriv = programOf("setpriv", "/usr/bin")
  return setpriv === undefined ? [] : [setpriv, "--pdeathsig=KILL"]
}

const freshDir = (name: string, owner: number | undefined): string => {
  const dir = mkdtempSync(join(tmpdir(), `daybook-${name}-`))
  chmodSync(dir, 0o700)
  if (owner !== undefined) chownSync(dir, owner, -1)
  return dir
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const address = server.address()
  server.close()
  await once(server, "close")
  if (address === null || typeof address === "string") throw new Error("no port")
  return address.port
}

const succeeds = async (program: string, args: readonly string[]): Promise<boolean> => {
  const [code] = await once(spawn(program, args, { stdio: "ignore" }), "exit")
  return code === 0
}

/** A server of MySQL's kind speaks first. */
const greets = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    const end = (isThere: boolean) => () => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once("data", end(true)).once("error", end(false)).once("end", end(false))
  })

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? ""

if (import.meta.main) {
  for (const start of [startPostgres, startMariadb]) {
    const found = await start()
    console.log("missing" in found ? found.missing : `${found.url} answers`)
    if (!("missing" in found)) await found.stop()
  }
}
