/**
 * A node that is asked until it answers: who runs for weeks does not end because a node is away
 * when he begins. Only a node of another chain is an end.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { type ChainNode, openNode } from "../chain/node.ts";
import { isSettlement } from "../chain/settlement.ts";
import type { Address } from "../codec/ethereum.ts";
import { reachOf } from "../codec/reach.ts";
import { trouble, type Outcome, type Trouble } from "../wallet/errors.ts";
import { reasonsOf } from "./reasons.ts";

const againSeconds = 2;

/** How somebody who runs until told to end speaks, and hears that he shall. */
export type Running = { readonly say: (line: string) => void; readonly signal: AbortSignal };

/** What the node's chain is to be. */
export type Wanted = { readonly chainId?: bigint; readonly contract?: Address };

/** Whether it is an address with http or https. */
export function isWebAddress(text: string): boolean {
  const reach = reachOf(text);
  return reach !== undefined && URL.canParse(reach.url);
}

/** The node, once it answers; `undefined`: told to end before it did. */
export async function nodeAt(
  url: string,
  wanted: Wanted,
  { say, signal }: Running,
): Promise<Outcome<ChainNode> | undefined> {
  const told = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  let last = "";
  while (!signal.aborted) {
    try {
      const asking = ask(url, wanted);
      // Nobody waits for it any more when the signal comes first.
      asking.catch(() => undefined);
      return await Promise.race([asking, told]);
    } catch (cause) {
      const why = reasonsOf(cause);
      // How exactly the network failed may be another at every try.
      const [what = why] = why.split(": ");
      if (what !== last) say(`◌ ${why}; trying again`);
      last = what;
    }
    await sleep(againSeconds * 1000, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

async function ask(url: string, wanted: Wanted): Promise<Outcome<ChainNode>> {
  const node = await openNode(url);
  const wrong = await whyNotOf(node, wanted);
  return wrong ?? { ok: true, value: node };
}

async function whyNotOf(
  node: ChainNode,
  { chainId, contract }: Wanted,
): Promise<Trouble | undefined> {
  if (chainId !== undefined && node.chainId !== chainId) {
    return trouble("E125", `The node is of chain ${node.chainId}; the venue is on ${chainId}.`);
  }
  if (contract === undefined || (await isSettlement(node, contract))) return undefined;
  return trouble("E125", `The node's chain has no settlement at ${contract}.`);
}
