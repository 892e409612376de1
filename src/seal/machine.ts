/**
 * What the customer's programs ask of a machine's cryptography: the module `#primitives`, which
 * package.json's `imports` finds by the machine. Under Node it is seal/primitives.ts (OpenSSL), in
 * a browser web/machine/primitives.ts (@noble); a test holds both to this type and to each other.
 */

/** An Ed25519 key pair (RFC 8032): the raw public key, 32 bytes, and signatures of 64. */
export type Ed25519 = {
  readonly publicKey: Uint8Array;
  readonly sign: (message: Uint8Array) => Uint8Array;
};

/** Inflates one stream, at most so many bytes of it; `undefined` if it is broken or longer. */
export type Inflate = (
  data: Uint8Array,
  form: "raw" | "zlib",
  most: number,
) => Uint8Array | undefined;

/** All of it; everything answers at once. */
export type Primitives = {
  /** Fresh bytes from the system's randomness, at most 65,536. */
  readonly randomBytes: (length: number) => Uint8Array;
  /** SHA-1 over the parts, one after the other. */
  readonly sha1: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** SHA-512 over the parts, one after the other. */
  readonly sha512: (...parts: readonly Uint8Array[]) => Uint8Array;
  /** HKDF with SHA-256 and no salt (RFC 5869). */
  readonly hkdfSha256: (secret: Uint8Array, purpose: Uint8Array, length: number) => Uint8Array;
  /** AES in CFB mode under a zero IV, by a key of 16, 24 or 32 bytes; the length stays. */
  readonly encryptCfb: (key: Uint8Array, plain: Uint8Array) => Uint8Array;
  readonly decryptCfb: (key: Uint8Array, sealed: Uint8Array) => Uint8Array;
  /** `undefined` on machines that do not inflate: browsers. */
  readonly inflate: Inflate | undefined;
  /** The key pair of a seed of 32 bytes. */
  readonly ed25519Of: (seed: Uint8Array) => Ed25519;
  /** Whether the signature holds; one that is malformed, or a malformed key, never does. */
  readonly verifyEd25519: (
    publicKey: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
  ) => boolean;
  /** The public key of a clamped scalar of 32 bytes (RFC 7748). */
  readonly x25519PublicKey: (scalar: Uint8Array) => Uint8Array;
};
