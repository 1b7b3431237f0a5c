// The flags that several commands share, and how their values are written.
// What they mean for rows is show/asked.ts.

/** Where the rows are, and which of them. */
export interface SourceFlags {
  readonly app?: string
  readonly since?: string
  readonly until?: string
  readonly level?: string
  readonly category?: readonly string[]
  readonly session?: string
  readonly user?: string
  readonly grep?: string
  readonly where?: readonly string[]
}

/** How they are shown. */
export interface CommonFlags {
  readonly zone?: string
  readonly json?: boolean
  readonly csv?: boolean
}

export const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true }) as const

export const texts = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder, optional: true, variadic: true }) as const

export const flag = (brief: string) =>
  ({ kind: "boolean", brief, optional: true, withNegated: false }) as const

export const count = (brief: string, byDefault: string) =>
  ({ kind: "parsed", parse: String, brief, placeholder: "N", default: byDefault }) as const

export const sourceFlags = {
  app: text("The app, where a folder has several; alone, the app's own folder", "name"),
  since: text("From this moment on", "moment"),
  until: text("Before this moment", "moment"),
  level: text("At least debug, info, warn, error or fatal", "level"),
  category: { ...texts("Of this category; again, or with commas, for several", "name"), variadic: "," },
  session: text("Of this session, by its 8 digits or fewer", "id"),
  user: text("Of this user", "name"),
  grep: text("With this text in the message or a field, in any letter case", "text"),
  where: texts("With this value in a field, by its path; all must hold", "field=value")
} as const

export const commonFlags = {
  zone: text("Times in this zone: utc, local, or a name such as Europe/Berlin", "zone"),
  json: flag("Data for programs: one JSON object a line"),
  csv: flag("Data for spreadsheets")
} as const
