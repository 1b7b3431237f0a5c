// The entry of `@daybook/file-exporter/verify`: what proves that files are as the log left them. The code that verifies is
// loaded at the call: every log would pay for it at its start, and few ever verify (measured: 5 ms).
import { nodeReadLayer } from "./disk/read-layer.node.ts"
import type { VerifyReport } from "./verify/report.ts"
import type { VerifyOptions } from "./verify/verify.node.ts"

export { describeReport } from "./describe-report.ts"
export type { KnownSeal } from "./seal/key.node.ts"
export type {
  Finding,
  Note,
  NoteKind,
  Problem,
  ProblemKind,
  SessionReport,
  Verdict,
  VerifyReport
} from "./verify/report.ts"
export type { VerifyOptions, VerifyProgress } from "./verify/verify.node.ts"

/**
 * Says of each session what its seals prove, and of everything that does not fit what it is and where it stands.
 *
 * @throws TypeError when an option is unusable, Error when `publicKey` is no Ed25519 public key, the signal's reason.
 * A file that cannot be read is a finding.
 */
export const verify = async (options: VerifyOptions): Promise<VerifyReport> => {
  const { verifyOn } = await import("./verify/verify.node.ts")
  return verifyOn(nodeReadLayer, options)
}
