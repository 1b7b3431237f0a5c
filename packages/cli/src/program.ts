// The commands and their flags: everything that `--help` and mistyped words need, and nothing that a command needs. What a
// command does is loaded when it is called (commands/).
import { type Application, buildApplication, buildCommand, buildRouteMap, text_en } from "@stricli/core"
import type { DeliverFlags } from "./commands/deliver.ts"
import type { DoctorFlags } from "./commands/doctor.ts"
import type { KeysNewFlags } from "./commands/keys-new.ts"
import type { QueryFlags } from "./commands/query.ts"
import type { ReplayFlags } from "./commands/replay.ts"
import type { SqlSchemaFlags } from "./commands/sql-schema.ts"
import type { StatsFlags } from "./commands/stats.ts"
import type { TailFlags } from "./commands/tail.ts"
import type { VerifyFlags } from "./commands/verify.ts"
import { type CommonFlags, commonFlags, count, flag, sourceFlags, text, texts } from "./flags.ts"
import type { Context } from "./terminal/io.ts"
import { version } from "./version.ts"

const source = {
  brief: "a folder, a file, a zip, a packed file, or - for stdin",
  placeholder: "source",
  parse: String,
  optional: true
} as const

/** One source, which `--app` alone stands for as well. */
const oneSource = { kind: "tuple", parameters: [source] } as const

const tail = buildCommand<TailFlags, [string?], Context>({
  docs: {
    customUsage: ["[-f] [-n N] [filters] source"],
    brief: "Shows the newest lines, and follows",
    fullDescription:
      "Shows the newest lines of a trail, oldest first. With -f it goes on with what is written, across midnight and rotation, until Ctrl-C."
  },
  parameters: {
    flags: {
      lines: count("How many lines", "20"),
      follow: flag("Go on with what is written"),
      ...sourceFlags,
      ...commonFlags
    },
    aliases: { n: "lines", f: "follow" },
    positional: oneSource
  },
  loader: async () => (await import("./commands/tail.ts")).tail
})

const query = buildCommand<QueryFlags, [string?], Context>({
  docs: {
    customUsage: ["[filters] [--limit N] [--json|--csv] source"],
    brief: "Finds lines",
    fullDescription:
      "Shows the lines of a trail that are asked for, oldest first: all conditions must hold. --json gives each line byte for byte as it stands in its file."
  },
  parameters: {
    flags: { limit: text("At most so many lines", "N"), ...sourceFlags, ...commonFlags },
    positional: oneSource
  },
  loader: async () => (await import("./commands/query.ts")).query
})

const stats = buildCommand<StatsFlags, [string?], Context>({
  docs: {
    customUsage: ["[--by day|level|FIELD] [filters] source"],
    brief: "Counts lines",
    fullDescription:
      "Counts the events of a trail in one pass: how many, from when to when, what is missing and damaged, and how many there are of each value."
  },
  parameters: {
    flags: {
      by: text("Count by day, hour, level, category, session, user, or any field by its path", "what"),
      limit: text("At most so many values. Default 20; all with --json and --csv", "N"),
      ...sourceFlags,
      ...commonFlags
    },
    positional: oneSource
  },
  loader: async () => (await import("./commands/stats.ts")).stats
})

const verify = buildCommand<VerifyFlags, [string?], Context>({
  docs: {
    customUsage: ["[--key FILE] [--anchor FILE] source"],
    brief: "Proves that nobody changed a trail",
    fullDescription:
      "Says of each session whether its files are as the log left them, and what is not, and where. Ends with 0 only when every seal fits."
  },
  parameters: {
    flags: {
      key: texts("A file with a public key, PEM: sessions that it signed are signed", "file"),
      anchor: texts("A file with seals that were kept elsewhere, one JSON object a line", "file"),
      app: sourceFlags.app,
      json: commonFlags.json
    },
    positional: oneSource
  },
  loader: async () => (await import("./commands/verify.ts")).verify
})

const deliver = buildCommand<DeliverFlags, [], Context>({
  docs: {
    customUsage: [
      "--app NAME --to FAR-END [--once]",
      "--app NAME --status",
      "--app NAME --dead list|retry [--to FAR-END]",
      "--app NAME --forget NAME"
    ],
    brief: "Delivers a trail to a collector or a database",
    fullDescription:
      "Sends the lines of an app's files to a far end, from where it stopped last, until Ctrl-C. What the far end refuses for good is set aside as a dead letter."
  },
  parameters: {
    flags: {
      to: text("otlp:URL, or a module whose default export is an exporter", "far end"),
      name: text("The delivery's name. Default: the exporter's", "name"),
      once: flag("Deliver what is there, then end. Holds nothing against retention"),
      status: flag("Show the deliveries"),
      dead: text("list or retry", "what"),
      forget: text("End this delivery for good", "name"),
      app: sourceFlags.app,
      dir: text("Where the files are. Default: where the app's log writes", "dir"),
      json: commonFlags.json
    }
  },
  loader: async () => (await import("./commands/deliver.ts")).deliver
})

const replay = buildCommand<ReplayFlags, [string?], Context>({
  docs: {
    customUsage: ["--to FAR-END [filters] source"],
    brief: "Sends old lines once more",
    fullDescription:
      "Sends the lines of a trail that are asked for to a collector, a folder or a database, with the times and ids that they have: a receiver knows repeats by their ids."
  },
  parameters: {
    flags: {
      to: text("otlp:URL, file:DIR, or a module whose default export is an exporter", "far end"),
      rate: text("Lines a second at most", "N"),
      dryRun: flag("Count what would be sent, and send nothing"),
      ...sourceFlags,
      json: commonFlags.json,
      zone: commonFlags.zone
    },
    positional: oneSource
  },
  loader: async () => (await import("./commands/replay.ts")).replay
})

const sqlSchema = buildCommand<SqlSchemaFlags, [], Context>({
  docs: {
    customUsage: ["--dialect postgresql|mysql|sqlite"],
    brief: "Prints the statements that make the tables",
    fullDescription:
      "For a database whose application may not make tables: give the statements to somebody who may. To run them again does no harm."
  },
  parameters: {
    flags: {
      dialect: text("postgresql, mysql or sqlite", "database"),
      schema: text("The schema of the table", "name"),
      table: text("Default: audit_events", "name")
    }
  },
  loader: async () => (await import("./commands/sql-schema.ts")).sqlSchema
})

const sqlSweep = buildCommand<Pick<CommonFlags, "json">, [string], Context>({
  docs: {
    customUsage: ["module"],
    brief: "Deletes rows that are too old",
    fullDescription:
      "Deletes rows that are older than the exporter's option retention says, once, in slices: for a machine on which no exporter runs. The module exports options, which is what sqlExporter takes."
  },
  parameters: {
    flags: { json: commonFlags.json },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "a module that exports options", placeholder: "module", parse: String }]
    }
  },
  loader: async () => (await import("./commands/sql-sweep.ts")).sqlSweepCommand
})

const keysNew = buildCommand<KeysNewFlags, [], Context>({
  docs: {
    customUsage: ["[--out FILE]"],
    brief: "Makes a key that signs seals",
    fullDescription:
      "Writes a private key, which the application reads with readSealKey, and beside it the public one, which verify takes. A file that is there is left alone."
  },
  parameters: {
    flags: { out: text("The private key's file. Default: seal-key.pem", "file"), json: commonFlags.json }
  },
  loader: async () => (await import("./commands/keys-new.ts")).keysNew
})

const keysShow = buildCommand<Pick<CommonFlags, "json">, [string], Context>({
  docs: {
    customUsage: ["file"],
    brief: "Shows a key's fingerprint and its public half"
  },
  parameters: {
    flags: { json: commonFlags.json },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "a private or a public key, PEM", placeholder: "file", parse: String }]
    }
  },
  loader: async () => (await import("./commands/keys-show.ts")).keysShow
})

const doctor = buildCommand<DoctorFlags, [], Context>({
  docs: {
    customUsage: ["--app NAME [--dir DIR] [--to FAR-END] [--key FILE]"],
    brief: "Says what is wrong with a log, in plain words",
    fullDescription:
      "Looks at the folder, its rights and its disk, the clock, who writes there, the deliveries, and what the settings are and where each came from. Changes nothing. Ends with 1 when something is found."
  },
  parameters: {
    flags: {
      app: text("The app whose log it is", "name"),
      dir: text("Where the files are. Default: where the app's log writes", "dir"),
      to: texts("A far end that should answer: otlp:URL, or host:port of a database", "far end"),
      key: text("The private key that the log signs with", "file"),
      json: commonFlags.json
    }
  },
  loader: async () => (await import("./commands/doctor.ts")).doctor
})

const root = buildRouteMap({
  routes: {
    tail,
    query,
    stats,
    verify,
    deliver,
    replay,
    sql: buildRouteMap({
      routes: { schema: sqlSchema, sweep: sqlSweep },
      docs: { brief: "What a database needs" }
    }),
    keys: buildRouteMap({
      routes: { new: keysNew, show: keysShow },
      docs: { brief: "Keys that sign seals" }
    }),
    doctor
  },
  docs: {
    brief: "Reads, proves and delivers audit trails of Daybook",
    fullDescription: [
      "Reads, proves and delivers audit trails of Daybook.",
      "",
      "Data goes to stdout and talk to stderr; --json gives data for programs. Moments are -2h, 7d, today, 2026-11-22 or 2026-11-22T09:00.",
      "Ends with 0 when all is well, 1 when something was found, 2 for a mistake on the command line, 3 when nothing is there,",
      "70 for a mistake of daybook's own, 74 when the system fails, and 130 after Ctrl-C."
    ].join("\n")
  }
})

export const application: Application<Context> = buildApplication(root, {
  name: "daybook",
  versionInfo: { currentVersion: version },
  scanner: { caseStyle: "allow-kebab-for-camel" },
  documentation: {
    caseStyle: "convert-camel-to-kebab",
    useAliasInUsageLine: true,
    onlyRequiredInUsageLine: true
  },
  localization: { text: text_en }
})
