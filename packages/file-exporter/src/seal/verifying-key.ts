// Who checks signatures: a key that is handed in. On Node it is read from PEM text (key.node.ts); a page has Ed25519 in
// `crypto.subtle`.

/** Checks signatures of one key. */
export interface SealVerifyingKey {
  /** SHA-256 over the public key (SubjectPublicKeyInfo, DER), in hex. */
  readonly fingerprint: string
  /** Ed25519; the signature is base64url without padding. */
  isSigned(bytes: Uint8Array<ArrayBuffer>, signature: string): boolean | Promise<boolean>
}
