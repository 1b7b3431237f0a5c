// The entry of `@daybook/http/ingest`: the server's end, for any host that has `Request` and `Response`.
// Its counterpart is `@daybook/http/page`.
export {
  type Authorize,
  createIngest,
  type Ingest,
  type IngestOptions,
  type MissingEvents
} from "./ingest/create-ingest.ts"
export type { Acknowledgement, Envelope, RefusedWhy } from "./wire.ts"
