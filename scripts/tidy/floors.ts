// Who may import whom. Imports only go down: between the floors of a package, and between packages, where no exporter knows
// another one. What a file may import from Node or from the registry is set in biome.json.

import { posix } from "node:path"
import { type Import, importsOf, type Problem, type Rule, type SourceFile } from "./source-file.ts"

/**
 * The floors of a package's src from the ground up, each with the folders and files that stand on it. A file may import
 * from its own place and from lower floors, and not from its neighbours. A package without a row has no floors.
 */
const floorsOf: Readonly<Record<string, readonly (readonly string[])[]>> = {
  core: [
    ["limits.ts", "option-rules.ts"],
    ["event"],
    ["encode"],
    ["host"],
    ["pipeline"],
    ["log"],
    ["api", "exporters", "catalogue", "replay"],
    ["index.ts", "event.ts", "client.ts", "lines.ts", "testing"]
  ],
  "file-exporter": [
    ["limits.ts", "words.ts"],
    ["disk"],
    ["place"],
    ["query", "seal", "state"],
    ["read", "verify", "write"],
    ["delivery"],
    [
      "readers.node.ts",
      "verify-folder.node.ts",
      "describe-report.ts",
      "file-exporter.node.ts",
      "deliver.node.ts",
      "deliveries.node.ts"
    ],
    ["read.ts", "verify.ts", "stream.ts", "delivery.ts", "filter.ts"],
    ["index.ts"]
  ],
  cli: [["terminal", "flags.ts", "version.ts"], ["show"], ["commands"], ["program.ts"], ["daybook.ts"]],
  "support-bundle": [["limits.ts"], ["rows"], ["trail"], ["open-trail.node.ts"], ["index.ts"]]
}

/** Which packages a package may import. */
const packagesBelow: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "file-exporter": ["core"],
  "otel-bridge": ["core"],
  "react-hooks": ["core"],
  http: ["core"],
  "sql-exporter": ["core"],
  agents: ["core"],
  "support-bundle": ["core", "file-exporter"],
  cli: [
    "core",
    "file-exporter",
    "otel-bridge",
    "react-hooks",
    "http",
    "sql-exporter",
    "agents",
    "support-bundle"
  ]
}

interface Place {
  readonly pkg: string
  readonly part: "src" | "test"
  /** The path below src or test. */
  readonly inside: string
}

function placeOf(path: string): Place | undefined {
  const match = /^packages\/([^/]+)\/(src|test)\/(.+)$/.exec(path)
  if (match === null) return undefined
  const [, pkg = "", part, inside = ""] = match
  return { pkg, part: part === "src" ? "src" : "test", inside }
}

/** What stands on a floor: a folder of src, or a file at its top. */
const roomOf = ({ inside }: Place): string => inside.split("/")[0] ?? inside

/** 0 is the ground; -1 is on no floor. */
const heightOf = (place: Place): number =>
  (floorsOf[place.pkg] ?? []).findIndex((rooms) => rooms.includes(roomOf(place)))

export const floors: Rule = (file) => {
  const place = placeOf(file.path)
  if (place === undefined) return []
  const unknown = unknownPlace(file, place)
  if (unknown !== undefined) return [unknown]
  return importsOf(file).flatMap((imported) => {
    const message = imported.from.startsWith("@daybook/")
      ? packageImport(place, imported.from)
      : pathImport(file.path, place, imported)
    return message === undefined ? [] : [{ path: file.path, line: imported.line, rule: "floors", message }]
  })
}

function unknownPlace({ path }: SourceFile, place: Place): Problem | undefined {
  const problem = (message: string): Problem => ({ path, line: 1, rule: "floors", message })
  if (packagesBelow[place.pkg] === undefined) {
    return problem(
      `packages/${place.pkg} is not known. Say in scripts/tidy/floors.ts which packages it may import.`
    )
  }
  if (floorsOf[place.pkg] !== undefined && place.part === "src" && heightOf(place) === -1) {
    const known = (floorsOf[place.pkg] ?? []).flat().join(", ")
    return problem(
      `"${roomOf(place)}" is on no floor of ${place.pkg}. Move the file to one of ${known}, or add it to scripts/tidy/floors.ts.`
    )
  }
  return undefined
}

function packageImport(place: Place, from: string): string | undefined {
  const [, name = "", entry] = from.split("/")
  if (name === place.pkg) {
    return place.part === "test"
      ? undefined
      : `a package does not import itself as "${from}". Import the file by its relative path.`
  }
  const allowed = packagesBelow[place.pkg] ?? []
  if (!allowed.includes(name)) {
    const below = allowed.map((pkg) => `@daybook/${pkg}`).join(", ") || "no other package"
    return `packages/${place.pkg} must not import "${from}". It may import ${below}; move what both need down into core.`
  }
  if (entry === "testing" && place.part === "src") {
    return `"${from}" is for tests. Import it under test/ only, or move what is needed into the package's main entry.`
  }
  return undefined
}

function pathImport(path: string, place: Place, { from }: Import): string | undefined {
  const isHost = from === "#host"
  if (!isHost && !from.startsWith(".")) return undefined
  const target = isHost ? "packages/core/src/host/host.ts" : posix.join(posix.dirname(path), from)
  const aim = placeOf(target)
  if (aim !== undefined && aim.pkg !== place.pkg) {
    return `a relative path leads into packages/${aim.pkg}. Import "@daybook/${aim.pkg}" instead.`
  }
  if (aim === undefined || place.part === "test" || aim.part === "test") return undefined
  if (floorsOf[place.pkg] === undefined || roomOf(aim) === roomOf(place)) return undefined
  if (heightOf(aim) < heightOf(place)) return undefined
  const way = heightOf(aim) === heightOf(place) ? "goes to a neighbour" : "climbs a floor"
  return `${roomOf(place)} must not import ${roomOf(aim)}: "${from}" ${way}. Move what both need down, or hand it in as an argument.`
}
