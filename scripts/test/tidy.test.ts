// Every rule of tidy against one planted breach or more, and against clean files that it must leave alone. All rules run, so
// that a rule that is not in the list fails here.

import { describe, expect, it } from "vitest"
import { problemsOf } from "../tidy/rules.ts"
import { importsOf, type SourceFile } from "../tidy/source-file.ts"
import { wordsOf } from "../tidy/words.ts"

const opening = "// Owns the queue's bounds and what happens at them.\n// The writer empties it.\n"

type Sample = readonly [path: string, text: string]
const toFile = ([path, text]: Sample): SourceFile => ({ path, text })

/** Each sample must be found by its rule, on the line that holds "BREACH" or on line 1. */
const breaches: Readonly<Record<string, { rule: string; samples: readonly Sample[] }>> = {
  "an import that climbs a floor of core": {
    rule: "floors",
    samples: [
      ["packages/core/src/event/level.ts", 'import { encode } from "../encode/encode.ts" // BREACH'],
      [
        "packages/core/src/event/level.ts",
        '\nimport type {\n  Queue\n} from "../pipeline/queue.ts" // BREACH'
      ],
      ["packages/core/src/encode/line.ts", 'import { platform } from "#host" // BREACH'],
      ["packages/core/src/encode/line.ts", 'export { platform } from "../host/host.node.ts" // BREACH'],
      ["packages/core/src/host/host.node.ts", 'import { writer } from "../pipeline/writer.ts" // BREACH'],
      ["packages/core/src/pipeline/writer.ts", 'import { AuditLog } from "../api/audit-log.ts" // BREACH'],
      ["packages/core/src/log/log.ts", 'import type { Audit } from "../api/audit.ts" // BREACH'],
      ["packages/core/src/limits.ts", 'import { Level } from "./event/level.ts" // BREACH'],
      ["packages/core/src/event/level.ts", 'export { AuditLog } from "../index.ts" // BREACH'],
      ["packages/core/src/api/audit-log.ts", 'const t = await import("../testing/index.ts") // BREACH']
    ]
  },
  "an import of a neighbour on the same floor": {
    rule: "floors",
    samples: [
      [
        "packages/core/src/api/audit.ts",
        'import { recent } from "../exporters/recent-exporter.ts" // BREACH'
      ],
      ["packages/core/src/exporters/console.ts", 'import type { Audit } from "../api/audit.ts" // BREACH'],
      ["packages/core/src/testing/index.ts", 'import { AuditLog } from "../index.ts" // BREACH']
    ]
  },
  "a package that imports what it must not": {
    rule: "floors",
    samples: [
      ["packages/http/src/index.ts", 'import { fileExporter } from "@daybook/file-exporter" // BREACH'],
      ["packages/http/test/a.test.ts", 'import { fileExporter } from "@daybook/file-exporter" // BREACH'],
      ["packages/agents/src/index.ts", 'import { useAudit } from "@daybook/react-hooks" // BREACH'],
      ["packages/support-bundle/src/index.ts", 'import "@daybook/sql-exporter" // BREACH'],
      ["packages/core/src/index.ts", 'import "@daybook/file-exporter" // BREACH'],
      ["packages/core/src/index.ts", 'import { AuditLog } from "@daybook/core" // BREACH'],
      [
        "packages/file-exporter/src/index.ts",
        'import { makeTestAudit } from "@daybook/core/testing" // BREACH'
      ],
      [
        "packages/file-exporter/src/index.ts",
        'import { Level } from "../../core/src/event/level.ts" // BREACH'
      ],
      ["packages/file-exporter/test/a.test.ts", 'import { x } from "../../core/src/index.ts" // BREACH']
    ]
  },
  "a place that is on no floor": {
    rule: "floors",
    samples: [
      ["packages/core/src/extras/thing.ts", "export const one = 1"],
      ["packages/core/src/audit-log.ts", "export const one = 1"],
      ["packages/unheard-of/src/index.ts", "export const one = 1"],
      ["packages/spool/src/index.ts", "export const one = 1"]
    ]
  },
  "a file without its opening": {
    rule: "opening",
    samples: [
      ["packages/core/src/event/level.ts", "export const one = 1\n"],
      ["packages/core/src/event/level.ts", "// One line is too little.\nexport const one = 1\n"],
      [
        "packages/core/src/event/level.ts",
        `${"// Seven lines are too much.\n".repeat(7)}export const one = 1\n`
      ],
      ["packages/react-hooks/src/provider.tsx", "/** One line. */\nexport const one = 1\n"],
      ["scripts/bench.ts", "const one = 1\n"],
      ["examples/data-tools/src/main.ts", "const one = 1\n"]
    ]
  },
  "a file over 400 lines that does not say why": {
    rule: "size",
    samples: [["packages/core/src/event/level.ts", `${opening}${"const one = 1\n".repeat(399)}`]]
  },
  "a file name that says nothing": {
    rule: "file-name",
    samples: [
      ["packages/core/src/event/utils.ts", ""],
      ["packages/core/src/common/level.ts", ""],
      ["packages/core/src/event/LevelManager.ts", ""],
      ["packages/core/src/event/error-handler.ts", ""],
      ["packages/core/src/event/encode.v2.ts", ""],
      ["packages/core/test/helpers.ts", ""]
    ]
  },
  "a declared name that is a second word for a thing": {
    rule: "word",
    samples: [
      ["packages/core/src/queue.ts", "\nexport interface AuditSink {} // BREACH"],
      ["packages/core/src/queue.ts", "export const makeTransport = 1"],
      ["packages/core/src/queue.ts", "  async function drainQueue() {}"],
      ["packages/core/src/queue.ts", "class BatchProcessor {}"],
      ["packages/core/src/queue.ts", 'export { memory as memorySink } from "./memory.ts"']
    ]
  },
  "a phrase that hides the subject": {
    rule: "plain-words",
    samples: [
      ["packages/core/src/queue.ts", "// One queue.\n// Who empties it is the writer's business. BREACH"],
      ["docs/a.md", "\nHow it looks is its users' business. BREACH"]
    ]
  },
  "a trace of one machine": {
    rule: "machine",
    samples: [
      ["docs/a.md", `\nSee ${"/wo"}rk/main/package.json BREACH`],
      ["package.json", `"path": "${"/ro"}ot/.npm"`],
      ["docs/a.md", `in ${"/ho"}me/jane/src/daybook`],
      ["package-lock.json", `"resolved": "https://${"registry"}.npmjs.org/effect"`],
      [".ci/run", `http://${"deb"}.debian.org/debian`]
    ]
  }
}

/** Each tree must have one problem in its first file, on the line that holds "BREACH". */
const treeBreaches: Readonly<Record<string, { rule: string; trees: readonly (readonly Sample[])[] }>> = {
  "imports that go in a circle": {
    rule: "circle",
    trees: [
      [
        ["packages/a/src/one.ts", '\nimport type { Two } from "./two.ts" // BREACH'],
        ["packages/a/src/two.ts", 'import { type One } from "./one.ts"']
      ],
      [
        ["packages/a/src/one.ts", 'export type { Three } from "./in/three.ts" // BREACH'],
        ["packages/a/src/in/three.ts", 'export { two } from "../two.ts"'],
        ["packages/a/src/two.ts", 'type One = import("./one.ts").One']
      ],
      [
        ["packages/a/src/call.ts", 'import { host } from "#host" // BREACH'],
        ["packages/a/src/host/host.node.ts", 'import type { Call } from "../call.ts"'],
        ["packages/a/src/host/host.ts", "export interface Host {}"]
      ]
    ]
  },
  "a name without its file": {
    rule: "named-file",
    trees: [
      [["packages/a/src/one.ts", "export const one = 1\n// The queue is in line-queue.ts. BREACH"]],
      [["packages/a/src/one.ts", "/**\n * See `pipeline/one.ts`. BREACH\n */\nexport const one = 1"]],
      [["packages/a/src/one.tsx", "export const one = <p>{/* as b/one.tsx says BREACH */}</p>"]],
      [["docs/page.md", "The rule is `scripts/tidy.ts`. BREACH"]],
      [["docs/page.md", "```\npackages/core/src/\n  log.ts   one log BREACH\n```"]],
      [["docs/page.md", "\nSee [the format](internals/format.md#lines). BREACH"]],
      [
        [
          "docs/page.md",
          "A program names only its own file, and not `other.ts`. BREACH\n\n```ts\n// events.ts\n```"
        ]
      ]
    ]
  }
}

const cleanTree: readonly Sample[] = [
  [
    "packages/a/src/one.ts",
    'import type { Two } from "./two.ts"\n// two.ts, src/two.ts; not // three.d.ts\n'
  ],
  [
    "packages/a/src/two.ts",
    'import { c } from "./in/c.ts"\n// `*.node.ts`, x{a,b}.ts, .test.ts, otlp-request, -post.ts, dist/index.mjs, <app>.ts, origin.ts\n'
  ],
  ["packages/a/src/in/c.ts", 'export const text = "in three.ts" // 2026-11-22.jsonl, package.json\n'],
  ["packages/b/src/one.ts", 'import { one } from "../../a/src/one.ts"\n'],
  ["packages/a/src/three.d.ts", "export {}\n"],
  [
    "docs/page.md",
    "`audit.ts` is [yours](https://example.com/a.md); [a](../packages/a/), [b](../packages/b/src/one.ts#L1), [c](#c)\n\n```ts\n// audit.ts\n// in gone.ts\n```\n"
  ]
]

const clean: readonly Sample[] = [
  [
    "packages/core/src/pipeline/writer.ts",
    `${opening}import * as Effect from "effect/Effect"\nimport { Level } from "../event/level.ts"\nimport { lingerMs } from "../limits.ts"\nimport { clock } from "#host"\n`
  ],
  ["packages/core/src/index.ts", `${opening}export { AuditLog } from "./api/audit-log.ts"\n`],
  ["packages/core/src/testing/index.ts", `${opening}export { AuditLog } from "../api/audit-log.ts"\n`],
  ["packages/core/test/writer.test.ts", 'import { writer } from "../src/pipeline/writer.ts"\n'],
  ["packages/file-exporter/src/index.ts", `${opening}import type { Exporter } from "@daybook/core"\n`],
  ["packages/file-exporter/test/cases.test.ts", 'import { exporterCases } from "@daybook/core/testing"\n'],
  ["packages/cli/src/daybook.ts", `${opening}import { fileExporter } from "@daybook/file-exporter"\n`],
  [
    "packages/http/src/ingest-handler.ts",
    `/**\n * Receives lines.\n * Who sends them is not known here.\n */\n`
  ],
  [
    "packages/core/src/encode/encode.ts",
    `// One idea: the encoder is one loop over one buffer,\n// and cutting it would cost its speed.\n${"const one = 1\n".repeat(500)}`
  ],
  ["examples/data-tools/src/main.ts", `#!/usr/bin/env node\n${opening}import "@daybook/file-exporter"\n`],
  [
    "docs/a.md",
    `A line of business rules. Files are below /home/ada/.local/state; the work/root/ folder; ${["https://example.com", "work", "today"].join("/")}.`
  ]
]

const found = (rule: string, tree: readonly Sample[]) =>
  problemsOf(tree.map(toFile)).filter((problem) => problem.rule === rule)

/** One problem, in the first file, in words that say what to do. */
const expectBreach = (rule: string, tree: readonly Sample[]): void => {
  const problems = found(rule, tree)
  expect(problems).toHaveLength(1)
  const [[path, text] = ["", ""]] = tree
  const marked = text.split("\n").findIndex((line) => line.includes("BREACH"))
  expect(problems[0]).toMatchObject(marked === -1 ? { path } : { path, line: marked + 1 })
  expect(problems[0]?.message).toMatch(/^[^.].*\. [A-Z].*\.$/s)
}

describe("tidy", () => {
  for (const [name, { rule, samples }] of Object.entries(breaches)) {
    it.each(samples)(`finds ${name}: %s %j`, (...sample) => {
      expectBreach(rule, [sample])
    })
  }

  for (const [name, { rule, trees }] of Object.entries(treeBreaches)) {
    it.each(trees.map((tree) => [tree]))(`finds ${name}: %j`, (tree) => {
      expectBreach(rule, tree)
    })
  }

  it("says which files a circle goes through", () => {
    const [, tree = []] = treeBreaches["imports that go in a circle"]?.trees ?? []
    expect(found("circle", tree)[0]?.message).toContain("one.ts → in/three.ts → two.ts → one.ts")
  })

  it("leaves a clean tree alone", () => {
    expect([...found("circle", cleanTree), ...found("named-file", cleanTree)]).toEqual([])
  })

  it.each(clean)("leaves a clean file alone: %s", (...sample) => {
    expect(problemsOf([toFile(sample)])).toEqual([])
  })

  it("reads imports of every form, and nothing else", () => {
    const text = [
      'import a from "a"',
      'import b, { type c } from "b"',
      'import * as d from "d"',
      'import type {\n  e,\n  f\n} from "e"',
      'export { g } from "g"',
      'import "h"',
      'const i = await import("i")',
      'const note = "from \\"nowhere\\""',
      "export const from = 1"
    ].join("\n")
    expect(importsOf({ path: "a.ts", text }).map(({ from }) => from)).toEqual("a b d e g h i".split(" "))
  })

  it("takes names apart at humps, dashes and digits", () => {
    expect(wordsOf("makeHTTPSink")).toEqual(["make", "http", "sink"])
    expect(wordsOf("encode-v2.test.ts")).toEqual(["encode", "v2", "test", "ts"])
    expect(wordsOf("database")).toEqual(["database"])
  })
})
