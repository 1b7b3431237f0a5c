// Where the page sends its events: a path of its own origin, which the server forwards to a collector. Page and server both use
// this constant.

export const collectorPath = "/v1/logs"
