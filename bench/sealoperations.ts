/**
 * The bare cryptographic operations that opening a letter and sealing a report cannot do without,
 * on the sizes of a 300-byte order: the limit of any code over this machine's OpenSSL.
 */
import {
  constants,
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from "node:crypto";

type Operation = () => unknown;
/** By what is done. */
export type Operations = {
  readonly open: readonly Operation[];
  readonly seal: readonly Operation[];
};

/** Bytes under the session key, and under the signature's hash. */
const [sealedBytes, hashedBytes] = [500, 420];

/** Without what the customer's key decides. */
function common() {
  const [ours, theirs] = [generateKeyPairSync("x25519"), generateKeyPairSync("x25519")];
  const signing = generateKeyPairSync("ed25519");
  const jwk = theirs.publicKey.export({ format: "jwk" });
  const [key, wrapping, iv, wrapIv] = [
    randomBytes(32),
    randomBytes(16),
    Buffer.alloc(16),
    Buffer.alloc(8, 0xa6),
  ];
  const sealed = randomBytes(sealedBytes);
  const hashed = randomBytes(hashedBytes);
  const wrapped = createCipheriv("aes128-wrap", wrapping, wrapIv).update(Buffer.alloc(40));
  const digest = hash("sha512", hashed, "buffer");
  return {
    importPoint: () => createPublicKey({ key: jwk, format: "jwk" }),
    derive: () => diffieHellman({ privateKey: ours.privateKey, publicKey: theirs.publicKey }),
    makePair: () => generateKeyPairSync("x25519"),
    derivation: () => hash("sha256", hashed.subarray(0, 100), "buffer"),
    unwrap: () => createDecipheriv("aes128-wrap", wrapping, wrapIv).update(wrapped),
    wrap: () => createCipheriv("aes128-wrap", wrapping, wrapIv).update(Buffer.alloc(40)),
    decipher: () => createDecipheriv("aes-256-cfb", key, iv).update(sealed),
    encipher: () => createCipheriv("aes-256-cfb", key, iv).update(sealed),
    detect: () => hash("sha1", sealed, "buffer"),
    hash: () => hash("sha512", hashed, "buffer"),
    random: () => randomBytes(48),
    sign: () => sign(null, digest, signing.privateKey),
    hashed,
    digest,
    signing,
  };
}

/** Of a customer with Ed25519 and Curve25519 keys. */
export function curveOperations(): Operations {
  const all = common();
  const signature = sign(null, all.digest, all.signing.privateKey);
  const check = (): boolean => verify(null, all.digest, all.signing.publicKey, signature);
  return {
    open: [...opening(all), check],
    seal: [...sealing(all), all.makePair, all.derive, all.derivation, all.wrap],
  };
}

/** Of a customer with RSA keys of 2048 bits. */
export function rsaOperations(): Operations {
  const all = common();
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const signature = sign("sha512", all.hashed, privateKey);
  const check = (): boolean => verify("sha512", all.hashed, publicKey, signature);
  const encryption = { key: publicKey, padding: constants.RSA_PKCS1_PADDING };
  const session = randomBytes(35);
  return {
    open: [...opening(all), check],
    seal: [...sealing(all), () => publicEncrypt(encryption, session)],
  };
}

function opening(all: ReturnType<typeof common>): readonly Operation[] {
  return [
    all.importPoint,
    all.derive,
    all.derivation,
    all.unwrap,
    all.decipher,
    all.detect,
    all.hash,
  ];
}

function sealing(all: ReturnType<typeof common>): readonly Operation[] {
  return [all.hash, all.sign, all.random, all.detect, all.encipher];
}
