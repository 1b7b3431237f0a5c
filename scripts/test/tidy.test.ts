// Every rule of tidy against one planted breach or more, and against clean files that it must leave alone.

import { describe, expect, it } from "vitest"
import { floors } from "../tidy/floors.ts"
import { machineTraces } from "../tidy/machine-traces.ts"
import { openings } from "../tidy/openings.ts"
import { importsOf, type Rule } from "../tidy/source-file.ts"
import { declaredNames, fileNames, wordsOf } from "../tidy/words.ts"

const opening =
  "// Owns the queue's bounds and what happens at them.\n// Who empties it is the writer's business.\n"

type Sample = readonly [path: string, text: string]

/** Each sample must be found by its rule, on the line that holds "BREACH" or on line 1. */
const breaches: Readonly<Record<string, { rule: Rule; samples: readonly Sample[] }>> = {
  "an import that climbs a floor of core": {
    rule: floors,
    samples: [
      ["packages/core/src/event/level.ts", 'import { encode } from "../encode/encode.ts" // BREACH'],
      [
        "packages/core/src/event/level.ts",
        '\nimport type {\n  Queue\n} from "../pipeline/queue.ts" // BREACH'
      ],
      ["packages/core/src/encode/line.ts", 'import { platform } from "#host" // BREACH'],
      ["packages/core/src/encode/line.ts", 'export { platform } from "../host/host.node.ts" // BREACH'],
      ["packages/core/src/host/host.node.ts", 'import { writer } from "../pipeline/writer.ts" // BREACH'],
      ["packages/core/src/pipeline/writer.ts", 'import { AuditLog } from "../audit-log.ts" // BREACH'],
      ["packages/core/src/limits.ts", 'import { Level } from "./event/level.ts" // BREACH'],
      ["packages/core/src/audit-log.ts", 'const t = await import("./testing/index.ts") // BREACH']
    ]
  },
  "a package that imports what it must not": {
    rule: floors,
    samples: [
      ["packages/spool/src/index.ts", 'import { fileExporter } from "@daybook/file-exporter" // BREACH'],
      ["packages/spool/test/a.test.ts", 'import { fileExporter } from "@daybook/file-exporter" // BREACH'],
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
    rule: floors,
    samples: [
      ["packages/core/src/extras/thing.ts", "export const one = 1"],
      ["packages/unheard-of/src/index.ts", "export const one = 1"]
    ]
  },
  "a file without its opening": {
    rule: openings,
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
    rule: openings,
    samples: [["packages/core/src/event/level.ts", `${opening}${"const one = 1\n".repeat(399)}`]]
  },
  "a file name that says nothing": {
    rule: fileNames,
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
    rule: declaredNames,
    samples: [
      ["packages/core/src/queue.ts", "\nexport interface AuditSink {} // BREACH"],
      ["packages/core/src/queue.ts", "export const makeTransport = 1"],
      ["packages/core/src/queue.ts", "  async function drainQueue() {}"],
      ["packages/core/src/queue.ts", "class BatchProcessor {}"],
      ["packages/core/src/queue.ts", 'export { memory as memorySink } from "./memory.ts"']
    ]
  },
  "a trace of one machine": {
    rule: machineTraces,
    samples: [
      ["docs/a.md", `\nSee ${"/wo"}rk/main/package.json BREACH`],
      ["package.json", `"path": "${"/ro"}ot/.npm"`],
      ["docs/a.md", `in ${"/ho"}me/jane/src/daybook`],
      ["package-lock.json", `"resolved": "https://${"registry"}.npmjs.org/effect"`],
      [".ci/run", `http://${"deb"}.debian.org/debian`]
    ]
  }
}

const everyRule: readonly Rule[] = [floors, openings, fileNames, declaredNames, machineTraces]

const clean: readonly Sample[] = [
  [
    "packages/core/src/pipeline/writer.ts",
    `${opening}import * as Effect from "effect/Effect"\nimport { Level } from "../event/level.ts"\nimport { lingerMs } from "../limits.ts"\nimport { clock } from "#host"\n`
  ],
  ["packages/core/src/index.ts", `${opening}export { AuditLog } from "./audit-log.ts"\n`],
  ["packages/core/src/testing/index.ts", `${opening}export { AuditLog } from "../audit-log.ts"\n`],
  ["packages/core/test/writer.test.ts", 'import { writer } from "../src/pipeline/writer.ts"\n'],
  ["packages/file-exporter/src/index.ts", `${opening}import type { Exporter } from "@daybook/core"\n`],
  ["packages/file-exporter/test/cases.test.ts", 'import { exporterCases } from "@daybook/core/testing"\n'],
  ["packages/cli/src/main.ts", `${opening}import { fileExporter } from "@daybook/file-exporter"\n`],
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
    `Files are below /home/ada/.local/state; the work/root/ folder; ${["https://example.com", "work", "today"].join("/")}.`
  ]
]

describe("tidy", () => {
  for (const [name, { rule, samples }] of Object.entries(breaches)) {
    it.each(samples)(`finds ${name}: %s %j`, (path, text) => {
      const problems = rule({ path, text })
      expect(problems).toHaveLength(1)
      const [problem] = problems
      const marked = text.split("\n").findIndex((line) => line.includes("BREACH"))
      if (marked !== -1) expect(problem?.line).toBe(marked + 1)
      expect(problem?.message).toMatch(/^[^.].*\. [A-Z].*\.$/s)
    })
  }

  it.each(clean)("leaves a clean file alone: %s", (path, text) => {
    expect(everyRule.flatMap((rule) => rule({ path, text }))).toEqual([])
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
