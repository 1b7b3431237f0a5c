// `verify` under its name. The code that verifies is loaded at the call: every log would pay for it at its start, and few ever
// verify (measured: 5 ms).
import { nodeReadLayer } from "./disk/read-layer.node.ts"
import type { VerifyReport } from "./verify/report.ts"
import type { VerifyOptions } from "./verify/verify.node.ts"

export type { VerifyOptions } from "./verify/verify.node.ts"

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
