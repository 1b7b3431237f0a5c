// The environment of this process, asked anew for each variable: an application may put another object there, and writer and
// readers must find the same folder.
import process from "node:process"

/** Variables by name. One that may not be read (Deno without `--allow-env`) is not set for us. */
export const hostEnv: Readonly<Record<string, string | undefined>> = new Proxy<
  Record<string, string | undefined>
>(
  {},
  {
    get: (_, name) => {
      try {
        return process.env[String(name)]
      } catch {
        return undefined
      }
    }
  }
)
