/**
 * A submission that the miner authored: taken if it would settle on the chain as it is known, with
 * orders that are live and promised to nobody. Then it is public: anybody may send it.
 *
 * The miner composes it against this very state, so that one which does not stand is a mistake or
 * came too late, and does nothing at all.
 */
import { fromHex, sha256, toHex } from "../codec/bytes.ts";
import { digest } from "../codec/names.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { printLeaf } from "../log/leaf.ts";
import { spendable, standingOf, type Submitted, type SubmittedRing } from "../pool/pool.ts";
import { type Planned, refusalOfPool, simulate } from "../pool/submission.ts";
import { Reader, readHeader } from "../ring/decode.ts";
import { calldataBytesMax } from "./input.ts";
import { enterSubmission, offersIn } from "./ringbook.ts";
import { noteAuthored } from "./ringfates.ts";
import { engineNow, ringNow, ringView } from "./rings.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";

/** What a submission would do, or why it is not taken; the name is for our own log. */
export function checkSubmission(
  state: State,
  calldata: string,
): Verdict<Planned & { readonly digest: string }, string> {
  const { rings, configuration } = state;
  const venue = configuration.ring;
  if (venue === undefined) return refuse("ring_not_offered", "there is no ring venue");
  const bytes = fromHex(calldata);
  if (bytes === undefined || bytes.length > calldataBytesMax) {
    return refuse("calldata_malformed", `hex of at most ${calldataBytesMax} bytes`);
  }
  const header = readHeader(new Reader(bytes));
  if (!header.ok) return header;
  const { miner, feeRecipient } = header.value;
  if (miner !== venue.miner || feeRecipient !== venue.feeRecipient) {
    return refuse("miner_wrong", `${miner} mines it for ${feeRecipient}`);
  }
  const [view, now] = [ringView(state), ringNow(state)];
  const planned = simulate(venue.domain, spendable(rings.pool, view), now, bytes);
  if (!planned.ok) return planned;
  // Each ring of a transaction can be sent by itself: two would have two fates.
  if (planned.value.rings.length > 1) return refuse("rings_too_many", "one ring, one submission");
  const refused = refusalOfPool(rings.pool, planned.value);
  if (refused !== undefined) return refuse(refused, "an order of it");
  const orders = planned.value.rings.flatMap(({ parts }) => parts).map(({ order }) => order);
  for (const hash of orders) {
    const pooled = rings.pool.orders.get(hash);
    const standing = pooled && standingOf(pooled, view, engineNow(state));
    if (standing !== "live") return refuse("order_not_live", `${hash} is ${standing}`);
  }
  return accept({ ...planned.value, digest: toHex(sha256(bytes)) });
}

/** Takes a submission, if it stands. */
export function submit(turn: Turn, calldata: string): void {
  const { rings } = turn.state;
  const checked = checkSubmission(turn.state, calldata);
  if (!checked.ok) return;
  const { deadline, before, takes } = checked.value;
  rings.lastSubmission += 1;
  const number = rings.lastSubmission;
  const numbered = checked.value.rings.map((ring): SubmittedRing => {
    rings.lastRing += 1;
    return { ...ring, number: rings.lastRing };
  });
  const submitted: Submitted = { number, deadline, rings: numbered, before, takes, settled: false };
  enterSubmission(rings, submitted);
  turn.submissions.push({ number, calldata });
  const hash = digest(checked.value.digest);
  turn.leaves.push(printLeaf({ kind: "submission", number, deadline, digest: hash }));
  for (const ring of numbered) {
    const size = ring.parts.length;
    const leaf = { kind: "ring", number: ring.number, submission: number } as const;
    turn.leaves.push(printLeaf({ ...leaf, hash: ring.hash, size }));
    rings.untold.set(`ring ${ring.hash}`, "watch");
  }
  for (const offer of offersIn(rings, submitted)) noteAuthored(turn, rings, offer);
}
