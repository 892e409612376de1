/**
 * EIP-712 digests of the ring venue: what owners, auth keys and miners sign.
 *
 *   digest = keccak256(0x19 0x01 ‖ domain separator ‖ hashStruct)
 *
 * The domain binds every signature to one chain and one contract. A ring's digest binds the ordered
 * list of what each order passes on and had been filled before: docs/spec/ring.md.
 */
import { concat, fromAscii } from "../codec/bytes.ts";
import { type Address, bytesOf, type Hash, hashOf, keccak } from "../codec/ethereum.ts";
import type { RingOrder } from "./order.ts";

/** Where signatures hold. */
export type Domain = { readonly chainId: bigint; readonly contract: Address };

/** What else the domain says. */
export const domainName = "Signet Ring";
export const domainVersion = "1";

/** One order's part, as it is signed. */
export type SignedPart = {
  readonly orderHash: Hash;
  readonly fill: bigint;
  readonly filledBefore: bigint;
  readonly take: bigint;
};

export type SignedRing = {
  readonly parts: readonly SignedPart[];
  readonly miner: Address;
  readonly feeRecipient: Address;
  readonly deadline: bigint;
};

/** Fields of the order type, in the order in which they are hashed. */
export const orderFields = [
  ["address", "owner"],
  ["address", "sellToken"],
  ["address", "buyToken"],
  ["uint128", "sellAmount"],
  ["uint128", "buyAmount"],
  ["uint40", "validSince"],
  ["uint40", "validUntil"],
  ["uint96", "nonce"],
  ["address", "authAddress"],
  ["address", "feeToken"],
  ["uint128", "feeAmount"],
  ["uint8", "marginSplit"],
  ["address", "wallet"],
  ["uint8", "walletSplit"],
  ["bool", "allOrNone"],
  ["bool", "buyDriven"],
  ["uint128", "minimumFill"],
  ["address", "recipient"],
] as const;

const ringType =
  "Ring(Participation[] participations,address miner,address feeRecipient,uint40 deadline)";
const partType = "Participation(bytes32 orderHash,uint128 fill,uint128 filledBefore,uint8 take)";

const typehashes = {
  domain: typehash(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)",
  ),
  order: typehash(`Order(${orderFields.map((field) => field.join(" ")).join(",")})`),
  part: typehash(partType),
  ring: typehash(`${ringType}${partType}`),
  cancel: typehash("Cancel(address owner,uint96[] nonces,uint40 deadline)"),
  cancelAll: typehash("CancelAll(address owner,uint32 epoch,uint40 deadline)"),
};

function typehash(type: string): Uint8Array {
  return keccak(fromAscii(type));
}

type Word = bigint | boolean | Address | Hash | Uint8Array;

/** A value in its 32 bytes, as EIP-712 encodes it. */
function word(value: Word): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const bytes = new Uint8Array(32);
  if (typeof value === "string") {
    const text = bytesOf(value);
    bytes.set(text, 32 - text.length);
    return bytes;
  }
  let rest = BigInt(value);
  for (let i = 31; rest > 0n; i -= 1) {
    bytes[i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
  return bytes;
}

function hashWords(words: readonly Word[]): Uint8Array {
  return keccak(concat(words.map(word)));
}

/** EIP-712 domain separator. */
export function domainSeparator({ chainId, contract }: Domain): Hash {
  const [name, version] = [typehash(domainName), typehash(domainVersion)];
  return hashOf(hashWords([typehashes.domain, name, version, chainId, contract]));
}

function digest(domain: Domain, structHash: Uint8Array): Hash {
  const prefix = Uint8Array.of(0x19, 0x01);
  return hashOf(keccak(concat([prefix, bytesOf(domainSeparator(domain)), structHash])));
}

/** What the owner signs; the name by which an order is known. */
export function orderHash(domain: Domain, order: RingOrder): Hash {
  return digest(
    domain,
    hashWords([typehashes.order, ...orderFields.map(([, name]) => order[name])]),
  );
}

/** What every auth key and the miner sign. */
export function ringHash(domain: Domain, ring: SignedRing): Hash {
  const parts = ring.parts.map((part) =>
    hashWords([typehashes.part, part.orderHash, part.fill, part.filledBefore, part.take]),
  );
  const words = [keccak(concat(parts)), ring.miner, ring.feeRecipient, ring.deadline];
  return digest(domain, hashWords([typehashes.ring, ...words]));
}

/** What an owner signs so that anyone may cancel these orders. */
export function cancelHash(
  domain: Domain,
  request: {
    readonly owner: Address;
    readonly nonces: readonly bigint[];
    readonly deadline: bigint;
  },
): Hash {
  const nonces = keccak(concat(request.nonces.map(word)));
  return digest(domain, hashWords([typehashes.cancel, request.owner, nonces, request.deadline]));
}

/** What an owner signs so that anyone may end this epoch. */
export function cancelAllHash(
  domain: Domain,
  request: { readonly owner: Address; readonly epoch: bigint; readonly deadline: bigint },
): Hash {
  const { owner, epoch, deadline } = request;
  return digest(domain, hashWords([typehashes.cancelAll, owner, epoch, deadline]));
}
