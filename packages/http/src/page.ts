// The entry of `@daybook/http/page`: the log of a page, whose server is `@daybook/http/ingest`.
// Effect and the engine of core are not in its graph.
export {
  createPageAudit,
  type PageAudit,
  type PageAuditOptions,
  PageCommitError
} from "./page/create-page-audit.ts"
export { type RecentPageLines, recentLines } from "./page/recent-lines.ts"
