// The pages of the app. A path is both what the router matches and what the log is told: the template, never an address
// with somebody's file in it.

export const pages = {
  analyze: "/analyze",
  columns: "/analyze/:sha1",
  cleaner: "/cleaner",
  history: "/history",
  trouble: "/trouble"
} as const
