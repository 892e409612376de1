/**
 * The files of `vectors/ring/`, made: the cases of ringaccepted.ts and ringrefused….ts, orders as
 * JSON, and signatures. Deterministic, so that a test can hold the files equal to this; `node
 * src/testing/writeringvectors.ts` writes them. What comes of a case is what the mirror says of it,
 * which must be what the case was told with; the contract says it again, reading the files.
 */
import { assert, at } from "../codec/assert.ts";
import { concat, toHex } from "../codec/bytes.ts";
import { checksummed, noAddress } from "../codec/ethereum.ts";
import { cancelHash, orderHash } from "../ring/digest.ts";
import { orderJsonMax, type OrderJsonRefusal, parseOrder, printOrder } from "../ring/json.ts";
import { amountMax, type RingOrder } from "../ring/order.ts";
import { settle } from "../ring/settle.ts";
import { recoverSigner, signDigest } from "../ring/signature.ts";
import { logsOf, revertOf } from "./ringabi.ts";
import { accepted } from "./ringaccepted.ts";
import { refusedOrders } from "./ringrefusedorders.ts";
import { refusedRings } from "./ringrefusedrings.ts";
import { chainOf, play, type Scene } from "./ringscene.ts";
import * as story from "./ringstory.ts";

/** Numbers as decimal strings, bytes as hex. */
type Json = string | boolean | readonly Json[] | { readonly [name: string]: Json };

function hex(bytes: Uint8Array): string {
  return `0x${toHex(bytes)}`;
}

function plain(value: unknown): Json {
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(plain);
  assert(typeof value === "object" && value !== null, "vectors are strings, lists and objects");
  return plainFields(value);
}

function plainFields(value: object): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, plain(one)]));
}

/** A list, one element a line: Solidity reads line by line. */
function lines(list: readonly unknown[]): string {
  return `[\n${list.map((one) => JSON.stringify(plain(one))).join(",\n")}\n]\n`;
}

/** What all cases share. */
function world(): string {
  const { deployer, domain, tokens, holders, wallet, endowment } = story;
  const all = { deployer, domain, tokens, holders, wallet: wallet.address, endowment };
  return `${JSON.stringify(plain(all), undefined, 2)}\n`;
}

// ── settled.json, refused.json ───────────────────────────────────────────────────────────────────

/** What comes of one call, as the file has it. */
export function outcomeOf({ outcome }: ReturnType<typeof play>): Readonly<Record<string, Json>> {
  if (!outcome.ok) {
    return { expect: outcome.name, reverts: revertOf(outcome), counters: [], logs: [] };
  }
  const { counters, log } = outcome.value;
  const logs = plain(logsOf(story.domain.contract, log));
  return { expect: "accepted", reverts: "0x", counters: plain(counters), logs };
}

/** What RingSettlement answers to a token that submits this while it runs. */
export function answerInside(scene: Scene, question: Uint8Array): string {
  const call = { now: story.now, sender: story.gold, isInside: true };
  const outcome = settle(chainOf(scene, call), question);
  return outcome.ok ? "0x" : revertOf(outcome);
}

function ringCase(one: story.RingCase): Json {
  const { name, balances, allowances, answers, question } = one;
  const scene = story.sceneOf(one);
  let { ledger } = scene;
  let last: Json = "accepted";
  const steps: Json[] = [];
  for (const step of one.steps(scene)) {
    const played = play({ ...scene, ledger }, step);
    ({ ledger } = played);
    const outcome = outcomeOf(played);
    last = outcome["expect"] ?? "";
    steps.push({ ...plainFields(step), ...outcome });
  }
  const expect = one.refusal ?? "accepted";
  assert(last === expect, `${name}: ${expect}, and not ${JSON.stringify(last)}`);
  const acts = [...one.acts].map(([token, act = "without code"]) =>
    act === "calls back"
      ? { token, act, question, answer: answerInside(scene, question) }
      : { token, act, question: "0x", answer: "0x" },
  );
  return plain({ name, acts, balances, allowances, answers, steps });
}

// ── orders.json ──────────────────────────────────────────────────────────────────────────────────

/** An order with everything, and its text. */
const { order } = story.offer({
  feeToken: story.coins,
  feeAmount: 50n,
  marginSplit: 60n,
  wallet: story.relay,
  walletSplit: 25n,
  minimumFill: 10n,
  recipient: story.third.address,
});
const text = printOrder(order);

/** The text with this field so, or without it. */
function put(name: string, value: unknown): string {
  return JSON.stringify({ ...JSON.parse(text), [name]: value });
}

function without(name: string): string {
  const fields = Object.entries(JSON.parse(text)).filter(([key]) => key !== name);
  return JSON.stringify(Object.fromEntries(fields));
}

type GoodText = readonly (readonly [name: string, text: string])[];
type BadText = readonly (readonly [name: string, refusal: OrderJsonRefusal, text: string])[];

function goodTexts(): GoodText {
  const most: RingOrder = {
    ...order,
    sellAmount: amountMax,
    buyAmount: amountMax,
    validSince: 2n ** 40n - 1n,
    validUntil: 2n ** 40n - 1n,
    nonce: 2n ** 96n - 1n,
    feeAmount: amountMax,
    marginSplit: 100n,
    walletSplit: 100n,
    minimumFill: amountMax,
    allOrNone: true,
    buyDriven: true,
  };
  return [
    ["an order with everything", text],
    ["an order with nothing but the limit", printOrder(story.offer().order)],
    ["all at their most", printOrder(most)],
    ["blanks and line ends", JSON.stringify(JSON.parse(text), undefined, "\t")],
    [
      "other order of fields",
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed())),
    ],
    ["capitals of EIP-55", put("owner", checksummed(order.owner))],
  ];
}

function badObjects(): BadText {
  return [
    ["longer than anything we look at", "too_large", " ".repeat(orderJsonMax) + text],
    ["nothing", "not_json", ""],
    ["cut off", "not_json", text.slice(0, -1)],
    ["two orders", "not_json", text + text],
    ["a list", "not_object", `[${text}]`],
    ["null", "not_object", "null"],
    ["a text", "not_object", JSON.stringify(text)],
    ["a field too many", "field_unknown", put("salt", "1")],
    ["__proto__", "field_unknown", text.replace("{", '{"__proto__":"0",')],
    ["another's spelling", "field_unknown", text.replace("sellAmount", "sell_amount")],
    ["a field too few", "field_missing", without("recipient")],
    ["no fields", "field_missing", "{}"],
  ];
}

function badFields(): BadText {
  const shout = `0x${order.owner.slice(2).toUpperCase()}`;
  return [
    ["a number", "field_malformed", put("sellAmount", 1000)],
    ["leading zero", "field_malformed", put("sellAmount", "01000")],
    ["hex", "field_malformed", put("sellAmount", "0x3e8")],
    ["a sign", "field_malformed", put("sellAmount", "+1000")],
    ["a point", "field_malformed", put("sellAmount", "1000.0")],
    ["an exponent", "field_malformed", put("sellAmount", "1e3")],
    ["a blank", "field_malformed", put("sellAmount", "1000 ")],
    ["a digit of another script", "field_malformed", put("sellAmount", "１000")],
    ["nothing as a number", "field_malformed", put("sellAmount", "")],
    ["2^128", "field_malformed", put("sellAmount", (amountMax + 1n).toString())],
    ["2^40", "field_malformed", put("validUntil", (2n ** 40n).toString())],
    ["2^96", "field_malformed", put("nonce", (2n ** 96n).toString())],
    ["256 percent", "field_malformed", put("marginSplit", "256")],
    ["a truth as a text", "field_malformed", put("allOrNone", "true")],
    ["a truth as a number", "field_malformed", put("buyDriven", 1)],
    ["null for none", "field_malformed", put("wallet", null)],
    ["an address in capitals", "field_malformed", put("owner", shout)],
    [
      "a wrong checksum",
      "field_malformed",
      put(
        "owner",
        checksummed(order.owner).replace(/[a-f]/, (c) => c.toUpperCase()),
      ),
    ],
    ["an address without 0x", "field_malformed", put("owner", order.owner.slice(2))],
    ["an address too short", "field_malformed", put("owner", order.owner.slice(0, -2))],
    ["an object in it", "field_malformed", put("owner", { owner: order.owner })],
  ];
}

function badOrders(): BadText {
  return [
    ["a field twice", "field_repeated", text.replace("{", `{"sellAmount":"1",`)],
    [
      "a field twice, hidden by an escape",
      "field_repeated",
      text.replace("{", `{"sell\\u0041mount":"1",`),
    ],
    ["nothing sold", "AmountZero", put("sellAmount", "0")],
    [
      "nothing bought, and the same token",
      "AmountZero",
      JSON.stringify({ ...JSON.parse(text), buyAmount: "0", buyToken: order.sellToken }),
    ],
    ["the same token", "SameToken", put("buyToken", order.sellToken)],
    ["auth address zero", "AuthAddressZero", put("authAddress", noAddress)],
    ["101 percent of the saving", "SplitTooLarge", put("marginSplit", "101")],
    ["101 percent for the wallet", "SplitTooLarge", put("walletSplit", "101")],
  ];
}

function orders(): string {
  return lines([
    ...goodTexts().map(([name, text]) => {
      const read = parseOrder(text);
      assert(read.ok, `${name} is an order`);
      const hash = orderHash(story.domain, read.value);
      return { name, expect: "accepted", text, order: JSON.parse(printOrder(read.value)), hash };
    }),
    ...[...badObjects(), ...badFields(), ...badOrders()].map(([name, expect, text]) => {
      const read = parseOrder(text);
      assert(!read.ok && read.name === expect, `${name} is refused as ${expect}`);
      return { name, expect, text };
    }),
  ]);
}

// ── signatures.json ──────────────────────────────────────────────────────────────────────────────

const curveOrder = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

function word(value: bigint): Uint8Array {
  const text = value.toString(16).padStart(64, "0");
  return Uint8Array.from({ length: 32 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

function signatures(): string {
  const { alice, stranger, domain, now } = story;
  const request = { owner: alice.address, nonces: [7n], deadline: now };
  const digest = cancelHash(domain, request);
  const good = signDigest(digest, alice.key);
  const number = (bytes: Uint8Array): bigint => BigInt(hex(bytes));
  const r = good.slice(0, 32);
  const parity = BigInt(at(good, 32) >> 7);
  const s = number(good.slice(32)) - (parity << 255n);
  const of = (r: bigint, s: bigint, parity: bigint): Uint8Array =>
    concat([word(r), word(s | (parity << 255n))]);
  const half = curveOrder / 2n;
  const cases: readonly (readonly [string, Uint8Array])[] = [
    ["the owner's", good],
    ["the other parity: somebody else's", of(number(r), s, 1n - parity)],
    ["high s, whose top bit is read as the parity", concat([r, word(curveOrder - s)])],
    ["s is half of the curve's order: the highest that is low", of(number(r), half, parity)],
    ["s is one more than half: high", of(number(r), half + 1n, parity)],
    ["s is the highest that 255 bits hold", of(number(r), 2n ** 255n - 1n, parity)],
    ["s is the curve's order, whose top bit is read as the parity", concat([r, word(curveOrder)])],
    ["s is zero", of(number(r), 0n, parity)],
    ["s is one", of(number(r), 1n, parity)],
    ["r is zero", of(0n, s, parity)],
    ["r is the curve's order", of(curveOrder, s, parity)],
    ["r is one less than the curve's order", of(curveOrder - 1n, s, parity)],
    ["r is above the field", of(2n ** 256n - 1n, s, parity)],
    ["r is no point's", of(5n, s, parity)],
    ["zero", new Uint8Array(64)],
    ["all ones", new Uint8Array(64).fill(255)],
    ["r and s exchanged", concat([good.slice(32), r])],
    ["of another digest", signDigest(orderHash(domain, story.offer().order), alice.key)],
    ["of another key", signDigest(digest, stranger.key)],
    ["nothing", new Uint8Array(0)],
    ["63 bytes", good.slice(0, 63)],
    ["65 bytes: r, s, v", concat([r, word(s), Uint8Array.of(27 + Number(parity))])],
    ["twice", concat([good, good])],
  ];
  return lines(
    cases.map(([name, signature]) => {
      const signer = recoverSigner(digest, signature) ?? noAddress;
      const expect = signer === alice.address ? "accepted" : "BadCancelSignature";
      const { owner, nonces, deadline } = request;
      return { name, expect, owner, nonces, deadline, digest, signature, signer };
    }),
  );
}

/** Text of each file, by its name in `vectors/ring/`. */
export function ringVectors(): ReadonlyMap<string, string> {
  return new Map([
    ["world.json", world()],
    ["orders.json", orders()],
    ["settled.json", lines(accepted.map(ringCase))],
    ["refused.json", lines([...refusedOrders, ...refusedRings].map(ringCase))],
    ["signatures.json", signatures()],
  ]);
}
