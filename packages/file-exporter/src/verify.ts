// The entry of `@daybook/file-exporter/verify`: what proves that files are as the log left them, wherever their bytes come from.
// Nothing here needs Node: a page hands in its own digest. On a disk it is `verify` of `@daybook/file-exporter`.

export { describeReport } from "./describe-report.ts"
export type { SealVerifyingKey } from "./seal/verifying-key.ts"
export type { Digest } from "./verify/digest.ts"
export type { ByteSource, TrailFile } from "./verify/lines.ts"
export { type MaskedLine, type RedactFilesOptions, redactFiles } from "./verify/redact-files.ts"
export type {
  FileReport,
  Finding,
  Note,
  NoteKind,
  Problem,
  ProblemKind,
  RetiredReport,
  SessionReport,
  Verdict,
  VerifyReport
} from "./verify/report.ts"
export {
  type Anchor,
  type VerifyFilesOptions,
  type VerifyProgress,
  verifyFiles
} from "./verify/verify-files.ts"
