// Writes the reference page of the OpenTelemetry mapping as Markdown for GitHub. Its tables are those of the package; the
// same tables give the same page. Reading and writing files is the door's business.

import { otelLimits } from "../../packages/otel-bridge/src/limits.ts"
import {
  fieldAttributes,
  headAttributes,
  recordParts,
  severityNumbers
} from "../../packages/otel-bridge/src/otel-mapping.ts"
import { otelVariables, unsupportedVariables } from "../../packages/otel-bridge/src/otel-variables.ts"
import { scope } from "../../packages/otel-bridge/src/version.ts"
import { codeSpan } from "../requirements/page.ts"

const preface = `# Events as OpenTelemetry log records

One line of a log, an event or a mark, is one log record. What a line is, is [format 1](../internals/format.md); this page
says where each part of it stands in the record. It is made by \`npm run docs\` from
[otel-mapping.ts](../../packages/otel-bridge/src/otel-mapping.ts) and
[otel-variables.ts](../../packages/otel-bridge/src/otel-variables.ts), the tables that the code works by; change those, not
this. \`npm test\` fails when the page is out of date.
`

const names = `A field of an event that would take a name of the two tables above is written as \`extra.<name>\`; so are \`__proto__\` and
the empty name, and \`__proto__\` and \`constructor\` within nested values, which the SDK would lose.`

const values = `## Values

Nested objects and lists stay nested. Whole numbers are 64-bit integers, all others doubles; a number that is not finite, or
whole and too large for 64 bits, is its text, because OTLP's JSON would carry it as an integer that no collector reads. \`null\`
is OTLP's empty value; in OTLP's JSON it is the text \`null\`, because collectors refuse the whole request for an empty value
there. Half of a surrogate pair, which only lines of other systems can hold, is U+FFFD. Values nested deeper than
${otelLimits.depthMax} levels are cut, and say so. A record has at most ${otelLimits.attributeCountMax} attributes unless told otherwise: what is beyond is counted in its
DroppedAttributesCount, and never one of the log's own.`

const resource = `## Resource and scope

\`service.name\` is the log's \`app\`, unless \`OTEL_SERVICE_NAME\`, \`OTEL_RESOURCE_ATTRIBUTES\` or the option \`resource\` says
otherwise; \`telemetry.sdk.*\` is the SDK's. The instrumentation scope is \`${scope.name}\` ${scope.version}.`

export function otelMappingPage(): string {
  return [
    preface,
    "## Record",
    "",
    ...table(["Part", "From", ""], Object.values(recordParts).map(rowCells)),
    "",
    ...table(
      ["level", "SeverityNumber"],
      Object.entries(severityNumbers).map(([level, number]) => [codeSpan(level), String(number)])
    ),
    "",
    "## Attributes that the log gives",
    "",
    ...table(
      ["Attribute", "From", ""],
      headAttributes.map(({ to, ...row }) => rowCells({ ...row, to: codeSpan(to) }))
    ),
    "",
    "## Attributes from fields",
    "",
    "Every other key of the line is an attribute of its own name, except",
    "",
    ...table(
      ["Field", "Attribute", ""],
      Object.entries(fieldAttributes).map(([name, { to, note }]) => [
        codeSpan(name),
        to.map(codeSpan).join(", "),
        note
      ])
    ),
    "",
    names,
    "",
    values,
    "",
    resource,
    "",
    "## Variables",
    "",
    "Read from the log's environment (its option `env`, else the host's), the first of a row before the second; an option of",
    "the exporter wins over both. An empty variable is unset. A bad one is told in one line that does not quote it, and is as",
    "good as unset.",
    "",
    ...table(
      ["Variable", "What it sets", "Form"],
      Object.values(otelVariables).map(({ names: all, sets, form }) => [
        all.map(codeSpan).join(", "),
        sets,
        form
      ])
    ),
    "",
    "Set all the same, these are told, and not followed:",
    "",
    ...table(
      ["Variable", "Instead"],
      unsupportedVariables.map(({ names: all, instead }) => [all.map(codeSpan).join(", "), instead])
    ),
    ""
  ].join("\n")
}

const rowCells = ({ to, from, note }: { to: string; from: string; note: string }): readonly string[] => [
  to,
  from,
  note
]

const table = (head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`)
