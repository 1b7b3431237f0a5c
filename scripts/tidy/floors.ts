// Who may import whom. Imports only go down: between the floors of core, and between packages, where no exporter knows
// another one. What a file may import from Node or from the registry is the linter's business (biome.json).

import { posix } from "node:path"
import { type Import, importsOf, type Problem, type Rule, type SourceFile } from "./source-file.ts"

/** The floors of packages/core/src from the ground up. A file may import its own floor and those below. */
const coreFloors = [
  "limits.ts",
  "event",
  "encode",
  "host",
  "pipeline",
  "the top level",
  "catalogue",
  "replay",
  "testing"
]

const exporter = ["core"]
const packagesBelow: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "file-exporter": exporter,
  http: exporter,
  "otel-bridge": exporter,
  spool: exporter,
  "sql-exporter": exporter,
  "react-hooks": ["core"],
  "support-bundle": ["core", "file-exporter"],
  cli: [
    "core",
    "file-exporter",
    "http",
    "otel-bridge",
    "spool",
    "sql-exporter",
    "react-hooks",
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

/** The floor of a path below packages/core/src; -1 when its folder is on no floor. */
function coreFloor(inside: string): number {
  if (inside === "limits.ts") return 0
  return coreFloors.indexOf(inside.includes("/") ? (inside.split("/")[0] ?? "") : "the top level")
}

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
    return problem(`packages/${place.pkg} is on no floor. Say in scripts/tidy/floors.ts what it may import.`)
  }
  if (place.pkg === "core" && place.part === "src" && coreFloor(place.inside) === -1) {
    return problem(
      `this folder of core is on no floor. Move the file to one of ${coreFloors.join(", ")}, or add the floor to scripts/tidy/floors.ts.`
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
    return `"${from}" is for tests. Import it under test/ only, or move what is needed into the package's door.`
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
  if (aim === undefined || place.part === "test" || aim.part === "test" || place.pkg !== "core")
    return undefined
  const here = coreFloor(place.inside)
  const there = coreFloor(aim.inside)
  if (there <= here) return undefined
  return `${coreFloors[here]} must not import ${coreFloors[there]}: "${from}" climbs a floor. Move what both need down, or hand it in as an argument.`
}
