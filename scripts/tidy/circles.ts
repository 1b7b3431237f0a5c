// Files of one package that import each other in a circle, types included: such files are one file in pieces. The linter
// sees circles of values only.

import { posix } from "node:path"
import { importsOf, type Problem, type SourceFile, type TreeRule } from "./source-file.ts"

/** Of each file the files that it imports, with the line of the import. */
type Graph = ReadonlyMap<string, ReadonlyMap<string, number>>

export const circles: TreeRule = (files) => {
  const graph = graphOf(files.filter(({ path }) => packageOf(path) !== undefined))
  const reported = new Set<string>()
  return [...graph.keys()].flatMap((path): readonly Problem[] => {
    const circle = reported.has(path) ? undefined : shortestCircle(graph, path)
    if (circle === undefined) return []
    for (const member of circle) reported.add(member)
    const names = circle.map((member) => member.replace(/^packages\/[^/]+\/src\//, ""))
    return [
      {
        path,
        line: graph.get(path)?.get(circle[1] ?? path) ?? 1,
        rule: "circle",
        message: `imports go in a circle: ${names.join(" → ")}. Move what these files share into one that imports none of them.`
      }
    ]
  })
}

const packageOf = (path: string): string | undefined => /^packages\/([^/]+)\/src\/.+\.tsx?$/.exec(path)?.[1]

function graphOf(files: readonly SourceFile[]): Graph {
  const paths = files.map(({ path }) => path)
  const edges = (file: SourceFile) =>
    importsOf(file).flatMap(({ from, line }) =>
      paths.filter(isTarget(file.path, from)).map((to) => [to, line] as const)
    )
  return new Map(files.map((file) => [file.path, new Map(edges(file))]))
}

/** Whether an import leads to a file. `#host` leads to host.node.ts, host.web.ts and the like: the runtime chooses. */
function isTarget(path: string, from: string): (target: string) => boolean {
  if (from.startsWith(".")) {
    const target = posix.join(posix.dirname(path), from)
    return (other) => other === target && packageOf(other) === packageOf(path)
  }
  const variant = new RegExp(`/${from.slice(1)}\\.\\w+\\.ts$`)
  return (other) => from.startsWith("#") && variant.test(other) && packageOf(other) === packageOf(path)
}

/** The way from the file back to itself, both ends included. */
function shortestCircle(graph: Graph, start: string): readonly string[] | undefined {
  const seen = new Set<string>()
  const ways: (readonly string[])[] = [[start]]
  for (const way of ways) {
    for (const target of graph.get(way.at(-1) ?? start)?.keys() ?? []) {
      if (target === start) return [...way, start]
      if (!seen.has(target)) ways.push([...way, target])
      seen.add(target)
    }
  }
  return undefined
}
