/**
 * A ring with its signatures, checked here. The calldata is the one whose hash the exchange put
 * into its log; each order is signed by its owner over its terms, and by its auth key over the very
 * ring, whose hash stands in the log as well. Both halves are needed: neither owner nor exchange
 * alone can settle anything.
 */
import { fromHex, sha256, toHex, toLatin1 } from "../../codec/bytes.ts";
import { noAddress, type Address } from "../../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../../codec/verdict.ts";
import type { RingLeaf, SubmissionLeaf, TokenLeaf, VenueLeaf } from "../../log/ringleaf.ts";
import { printDecimalUnits } from "./ringamount.ts";
import { authoredBySender, type Part, type Ring, type Submission } from "../../ring/calldata.ts";
import { decodeSubmission } from "../../ring/decode.ts";
import { orderHash } from "../../ring/digest.ts";
import { recoverSigner } from "../../ring/signature.ts";
import { listOf, numberOf, objectOf, parseJson, textOf } from "../../wallet/json.ts";
import { ask } from "../view/ask.ts";

/** Half of what protects an order. */
export type Half = "holds" | "wrong" | "by a contract" | "by the sender";

/** One order of a ring. */
export type RingMember = {
  readonly owner: Address;
  /** `1.5 GOLD`. */
  readonly sells: string;
  readonly buys: string;
  readonly sellToken: string;
  /** The owner's signature over the order. */
  readonly ownerHalf: Half;
  /** The auth key's signature over the ring. */
  readonly authHalf: Half;
};

export type RingProof = { readonly members: readonly RingMember[]; readonly minerSigned: boolean };

/** What the log says of a ring. */
export type RingOfLog = {
  readonly venue: VenueLeaf;
  readonly tokens: readonly TokenLeaf[];
  readonly submission: SubmissionLeaf;
  /** The ring, and its place in the submission. */
  readonly ring: RingLeaf;
  readonly place: number;
};

/** Fetches the calldata and checks all of it. */
export async function proveRing(
  origin: string,
  about: RingOfLog,
): Promise<Verdict<RingProof, "silent" | "calldata_wrong">> {
  const { number, digest } = about.submission;
  const path = `/v1/ring/submissions?after=${number - 1}`;
  const answer = await ask(origin, number === 1 ? "/v1/ring/submissions" : path);
  if (answer.kind === "unanswered") return refuse("silent", "The relay did not send it.");
  const said = listOf(objectOf(parseJson(toLatin1(answer.bytes)))["submissions"]);
  const found = said.map(objectOf).find((each) => numberOf(each["number"]) === number);
  const bytes = fromHex((textOf(found?.["calldata"]) ?? "").replace(/^0x/, ""));
  if (bytes === undefined || toHex(sha256(bytes)) !== digest) {
    return refuse("calldata_wrong", "The relay sent other calldata than the log speaks of.");
  }
  // Published for anybody to send: so the miner's signatures stand in it.
  const decoded = decodeSubmission(bytes, noAddress);
  const ring = decoded.ok ? decoded.value.rings[about.place] : undefined;
  if (!decoded.ok || ring === undefined) {
    return refuse("calldata_wrong", "The calldata cannot be read.");
  }
  return accept(proofOf(about, decoded.value, ring));
}

function proofOf(about: RingOfLog, submission: Submission, ring: Ring): RingProof {
  const { venue } = about;
  const signatures = [...ring.authSignatures];
  const signers: (Address | undefined)[] = [];
  const members = ring.parts.map((part, index): RingMember => {
    const own = part.author === index ? signatures.shift() : undefined;
    const signer = own === undefined ? signers[part.author] : recoverSigner(about.ring.hash, own);
    signers.push(signer);
    return memberOf(about, submission, part, signer);
  });
  const { minerSignature } = ring;
  const miner = minerSignature && recoverSigner(about.ring.hash, minerSignature);
  return { members, minerSigned: miner === venue.miner };
}

function memberOf(
  { venue, tokens }: RingOfLog,
  { orders }: Submission,
  part: Part,
  signer: Address | undefined,
): RingMember {
  const owned = orders[part.order];
  if (owned === undefined) {
    const none = { owner: noAddress, sells: "", buys: "", sellToken: "" };
    return { ...none, ownerHalf: "wrong", authHalf: "wrong" };
  }
  const { order, signature } = owned;
  const hash = orderHash({ chainId: venue.chainId, contract: venue.contract }, order);
  const isKey = recoverSigner(hash, signature) === order.owner;
  const ownerHalf = isKey ? "holds" : signature.length === 64 ? "wrong" : "by a contract";
  const isSender = part.author === authoredBySender;
  const authHalf = isSender ? "by the sender" : signer === order.authAddress ? "holds" : "wrong";
  const token = (at: Address): TokenLeaf | undefined => tokens.find((each) => each.address === at);
  const money = (at: Address, units: bigint): string => printDecimalUnits(token(at), units);
  return {
    owner: order.owner,
    sells: money(order.sellToken, order.sellAmount),
    buys: money(order.buyToken, order.buyAmount),
    sellToken: token(order.sellToken)?.name ?? "",
    ownerHalf,
    authHalf,
  };
}
