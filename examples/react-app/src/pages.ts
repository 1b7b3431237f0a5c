// The pages of the app. A path is what the router matches and what the log records: the template, never an address with a file's
// fingerprint in it.

export const pages = {
  analyze: "/analyze",
  columns: "/analyze/:sha1",
  cleaner: "/cleaner",
  history: "/history",
  trouble: "/trouble"
} as const
