// The door to verifying. What verifies is loaded when somebody asks for it: every log would pay for it when it is imported,
// and few ever verify (measured: 5 ms).
import type { VerifyOptions } from "./verify/verify.node.ts"
import type { VerifyReport } from "./verify/report.ts"

/**
 * Says of each session what its seals prove, and of everything that does not fit what it is and where it stands.
 *
 * @throws TypeError when an option is unusable, Error when `publicKey` is no Ed25519 public key, the signal's reason.
 * A file that cannot be read is a finding.
 */
export const verify = async (options: VerifyOptions): Promise<VerifyReport> => {
  const { verifyFiles } = await import("./verify/verify.node.ts")
  return verifyFiles(options)
}
