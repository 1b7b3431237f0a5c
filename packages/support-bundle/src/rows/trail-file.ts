// One file of a trail, wherever it lies: what its name says, and its bytes.
// The places that files come from are in trail/.

export interface TrailFile {
  /** Below the source, with "/" between the parts; the name of a file that was given by itself. */
  readonly name: string
  /** "" where the name has none. */
  readonly app: string
  /** "YYYY-MM-DD", or "" where the name has no day. */
  readonly day: string
  readonly session?: string | undefined
  readonly user?: string | undefined
  /** Of its bytes as they lie, packed or not; absent for a pipe. */
  readonly size?: number | undefined
  /** Its bytes, unpacked, from the front. The memory of a chunk is not used again. */
  bytes(how: BytesOptions): AsyncIterable<Uint8Array>
  /** Up to `into.length` bytes from `position`; absent where only the whole can be read. */
  readonly readAt?: ((into: Uint8Array, position: number) => Promise<number>) | undefined
}

export interface BytesOptions {
  readonly chunkBytes: number
  /** So many other files are read at the same time: it must not stay open between two chunks where they are many. */
  readonly filesAtOnce: number
}
