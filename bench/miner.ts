/**
 * The miner's work by processor time: orders vetted (owner's signature, auth key opened and held
 * against its address), taken into the ring book by the engine, rings authored and encoded, and
 * submissions simulated as they are before they are journaled.
 *
 * Peers in the same run: for authoring the bare curve, as many signatures by @noble/curves as a
 * ring needs; for vetting one recovery and one opened OpenPGP message; for the ring book the same
 * letters without ring orders (a limit order each).
 */
import { assert } from "../src/codec/assert.ts";
import { fromAscii, toBase64, toHex } from "../src/codec/bytes.ts";
import { addressOf, type Address, hashOf, keccak, type Hash } from "../src/codec/ethereum.ts";
import { time } from "../src/codec/time.ts";
import { authorRings } from "../src/miner/author.ts";
import type { PlannedRing } from "../src/miner/compose.ts";
import { MinerKeys } from "../src/miner/keys.ts";
import { vetOrder } from "../src/miner/vet.ts";
import type { Pooled } from "../src/pool/pool.ts";
import { simulate } from "../src/pool/submission.ts";
import type { View } from "../src/pool/view.ts";
import { encodeSubmission, take } from "../src/ring/calldata.ts";
import { type Domain, orderHash } from "../src/ring/digest.ts";
import { recoverSigner, signDigest } from "../src/ring/signature.ts";
import { makeMinerKeys, openAuthKey, readMinerSecret, sealAuthKey } from "../src/seal/authkey.ts";
import { readRegisteredCertificate } from "../src/seal/certificate.ts";
import { Floor } from "../src/testing/floor.ts";
import { RingFloor } from "../src/testing/ringfloor.ts";
import { type Offer, offerOf, person } from "../src/testing/ringminer.ts";
import type { Stage } from "./figure.ts";

const bench = "miner";
const domain: Domain = { chainId: 31_337n, contract: addressOf(new Uint8Array(20).fill(7)) };
const miner = person("miner");
const orders = 400;
const rounds = 100;

const tokens = Array.from({ length: 10 }, (_, i) =>
  addressOf(keccak(fromAscii(`token ${i}`)).subarray(12)),
);

const view: View = {
  counter: () => 0n,
  epoch: () => 0n,
  funds: () => 10n ** 30n,
  accepts: () => undefined,
  clock: () => 1000n,
  settled: () => undefined,
  fails: () => undefined,
};

type Authored = { readonly offer: Offer; readonly pooled: Pooled };

function ringOf(size: number, number: number): readonly Authored[] {
  return Array.from({ length: size }, (_, i) => {
    const [sellToken, buyToken] = [tokens[i], tokens[(i + 1) % size]];
    assert(sellToken !== undefined && buyToken !== undefined, "a token for each order");
    const who = person(`owner ${number} ${i}`);
    const terms = { sellToken, buyToken, sellAmount: 100n, buyAmount: 90n };
    const offer = offerOf(who, person(`auth ${number} ${i}`), terms);
    const hash = orderHash(domain, offer.order);
    const signature = signDigest(hash, who.key);
    const state = { byWallet: false, failures: 0, restsUntil: 0n };
    return { offer, pooled: { hash, order: offer.order, signature, ...state } };
  });
}

/** Seconds of processor time that `work` takes. */
async function cpuSeconds(work: () => Promise<void> | void): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** Runs every figure. */
export async function runMiner({ say, tell }: Stage): Promise<void> {
  for (const size of [2, 3, 5, 10]) {
    say(`rings of ${size}`);
    await authoring(size, tell);
  }
  say("vetting");
  await vetting(tell);
  say("the ring book");
  await ringBook(tell);
}

/** Letters of so many orders each. */
const inOneLetter = 10;
/** Letters of one account: it may have 50 orders that were never live. */
const lettersOfOne = 5;

/** Everything that the engine does with orders that were vetted; the peer: as many limit orders. */
async function ringBook(tell: Stage["tell"]): Promise<void> {
  const letters = orders / inOneLetter;
  const ring = new RingFloor();
  const customer = (letter: number): string => `customer ${Math.floor(letter / lettersOfOne)}`;
  for (let i = 0; i < letters; i += lettersOfOne) ring.floor.register(customer(i));
  const lines = Array.from({ length: orders }, (_, i) => {
    const terms = { sell: [100n, "GOLD"], buy: [90n, "SILVER"], nonce: BigInt(i) } as const;
    return ring.ringLine(ring.offer("Alice", { ...terms, validUntil: 2n ** 33n }));
  });
  const plain = new Floor();
  plain.fund("Alice", "BTC", 1_000_000_000_000_000);
  const each = (i: number): readonly number[] =>
    Array.from({ length: inOneLetter }, (_, k) => i * inOneLetter + k);
  const seconds = await cpuSeconds(() => {
    for (let i = 0; i < letters; i += 1) {
      ring.floor.say(customer(i), ...each(i).map((k) => lines[k] ?? ""));
    }
  });
  const bare = await cpuSeconds(() => {
    for (let i = 0; i < letters; i += 1) {
      plain.say("Alice", ...each(i).map((k) => `BUY|GLD/BTC|1|${k + 1}`));
    }
  });
  const live = ring.floor.state.rings.offers.size;
  assert(live === orders, "every order is in the book");
  const against = "limit orders in the same letters";
  const [figure, unit] = ["orders into the ring book, vetted before", "orders/s"];
  tell({ bench, figure, value: orders / seconds, unit, against, ratio: bare / seconds });
}

async function authoring(size: number, tell: Stage["tell"]): Promise<void> {
  const rings = Array.from({ length: rounds }, (_, number) => ringOf(size, number));
  const keys = new Map<Hash, Uint8Array>();
  for (const { offer, pooled } of rings.flat()) keys.set(pooled.hash, offer.auth.key);
  const planned = rings.map((ring): PlannedRing =>
    ring.map(({ pooled }) => ({ pooled, fill: 100n, take: take.none })),
  );
  const author = (ring: PlannedRing): Uint8Array =>
    encodeSubmission(
      authorRings(
        {
          domain,
          miner: miner.address,
          minerKey: miner.key,
          feeRecipient: miner.address,
          deadline: 2000n,
          counter: (_owner: Address) => 0n,
          authKey: (hash) => {
            const key = keys.get(hash);
            assert(key !== undefined, "every order has its auth key");
            return key;
          },
        },
        [ring],
      ),
    );
  for (const ring of planned.slice(0, 20)) author(ring);
  const calldata: Uint8Array[] = [];
  const seconds = await cpuSeconds(() => {
    for (const ring of planned) calldata.push(author(ring));
  });
  const digest = hashOf(keccak(fromAscii("a digest")));
  const bare = await cpuSeconds(() => {
    for (let i = 0; i < rounds * (size + 1); i += 1) signDigest(digest, miner.key);
  });
  const simulating = await cpuSeconds(() => {
    for (const bytes of calldata) assert(simulate(domain, view, 1000n, bytes).ok, "it settles");
  });
  const against = `${size + 1} bare signatures`;
  const unit = "rings/s";
  const figure = `authored and encoded, rings of ${size}`;
  tell({ bench, figure, value: rounds / seconds, unit, against, ratio: bare / seconds });
  const value = rounds / simulating;
  tell({ bench, figure: `simulated, rings of ${size}`, value, unit });
}

async function vetting(tell: Stage["tell"]): Promise<void> {
  const made = await makeMinerKeys({ at: time(1_700_000_000_000) });
  const secret = await readMinerSecret(made.secret);
  const certificate = await readRegisteredCertificate(made.certificate);
  const keys = new MinerKeys(miner.key, secret);
  const sealed = await Promise.all(
    ringsOf(orders).map(async ({ offer, pooled }) => ({
      order: pooled.order,
      signature: pooled.signature,
      auth: toBase64(await sealAuthKey(offer.auth.key, [certificate])),
      message: await sealAuthKey(offer.auth.key, [certificate]),
      hash: pooled.hash,
    })),
  );
  const vet = async (some: typeof sealed): Promise<void> => {
    for (const each of some) {
      assert((await vetOrder(domain, keys, each)) === "good", "the order is good");
    }
  };
  await vet(sealed.slice(0, 50));
  const seconds = await cpuSeconds(() => vet(sealed));
  const bare = await cpuSeconds(async () => {
    for (const { hash, signature, message } of sealed) {
      assert(recoverSigner(hash, signature) !== undefined, "it is a signature");
      const key = await openAuthKey(message, secret);
      assert(key !== undefined && toHex(key).length === 64, "it opens");
    }
  });
  const against = "one recovery and one opened message";
  const figure = "orders vetted";
  const ratio = bare / seconds;
  tell({ bench, figure, value: orders / seconds, unit: "orders/s", against, ratio });
}

function ringsOf(count: number): readonly Authored[] {
  return Array.from({ length: count / 4 }, (_, number) => ringOf(4, 1000 + number)).flat();
}
