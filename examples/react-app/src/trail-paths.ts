// What page and server agree on about the trail that the server keeps for the page: where the page sends its lines, where it
// asks for their folder, and what it must show.

export const trailPaths = { lines: "/daybook/lines", folder: "/daybook/folder" } as const

/** The server's token goes into this header. A page of another origin cannot know it. */
export const tokenHeader = "x-daybook-token"

/** The name of the `<meta>` in which the server hands a `ServedTrail`, as JSON, to the page. */
export const trailMeta = "daybook-trail"

export interface ServedTrail {
  /** Where the day's files are, on the server's machine. */
  readonly folder: string
  readonly token: string
}
