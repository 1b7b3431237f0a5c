// The name of the application: it becomes part of file names, environment variables and OTel's `service.name`.
// Owns what a name may be, and what stands for one that may not.

const allowed = /^[A-Za-z0-9._-]{1,64}$/

/** True for a name that can stand in a file name as it is: `[A-Za-z0-9._-]{1,64}`, and not only dots. */
export const isAppName = (app: string): boolean => allowed.test(app) && !/^\.+$/.test(app)

/** The name itself, or `app-` and 8 hex digits of its FNV-1a hash: stable, and safe in every file system. */
export const toAppName = (app: string): string => {
  if (isAppName(app)) return app
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(app)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return `app-${hash.toString(16).padStart(8, "0")}`
}

/** The application's environment variable of this name: `data-tools` and `DIR` make `DATA_TOOLS_AUDIT_DIR`. */
export const envName = (app: string, name: string): string =>
  `${app.toUpperCase().replace(/[^A-Z0-9]/g, "_")}_AUDIT_${name}`
