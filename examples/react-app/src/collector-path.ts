// Where the page sends its events: a path of its own origin, whose server passes it on to a collector. Both sides of that
// way take it from here.

export const collectorPath = "/v1/logs"
