/**
 * `signet ring accounts`: the accounts of members who share their orders, from the chain's events
 * alone (docs/spec/sharing.md §6): who brought, who mined, gas, fees and margins of each ring, and
 * the payments that settle what they owe each other.
 */
import { checksummed, parseAddress } from "../codec/ethereum.ts";
import { readHistory } from "../chain/history.ts";
import { openNode } from "../chain/node.ts";
import { isSettlement } from "../chain/settlement.ts";
import type { Debt } from "../ring/netting.ts";
import type { ByToken, Side, Statistics } from "../ring/statistics.ts";
import { type AccountedRing, type Accounts, accountsOf } from "../sharing/consortium.ts";
import { parseMembers } from "../sharing/members.ts";
import { exits, trouble } from "../wallet/errors.ts";
import type { CommonOptions, Context, Data, Ended } from "./context.ts";
import { readInputText } from "./input.ts";

export type AccountsOptions = CommonOptions & {
  readonly chain?: string;
  readonly contract?: string;
  readonly members?: string;
  readonly from?: string;
  readonly to?: string;
  readonly share?: string;
};

/** Reads, settles, prints. */
export async function accounts(
  _context: Context,
  _words: readonly string[],
  options: AccountsOptions,
): Promise<Ended> {
  const url = options.chain ?? process.env["SIGNET_CHAIN"] ?? "";
  if (url === "") return trouble("E127");
  const contract = parseAddress(options.contract ?? "");
  if (contract === undefined) return trouble("E124");
  const share = options.share ?? "50";
  if (!/^(?:100|\d{1,2})$/.test(share))
    return trouble("E100", "--share is a percentage, 0 to 100.");
  const blocks = [options.from ?? "0", options.to ?? "0"];
  if (!blocks.every((text) => /^\d{1,12}$/.test(text))) {
    return trouble("E100", "--from and --to are numbers of blocks.");
  }
  if (options.members === undefined) return trouble("E100", "Say whose accounts: --members FILE.");
  const text = await readInputText(options.members);
  if (!text.ok) return text;
  const membership = parseMembers(text.value);
  if (!membership.ok) return trouble("E100", `The members' file: ${membership.detail}.`);
  const node = await openNode(url);
  if (!(await isSettlement(node, contract))) {
    return trouble("E125", `The node's chain has no settlement at ${contract}.`);
  }
  const from = Number(blocks[0]);
  const to = options.to === undefined ? (await node.head()).number : Number(blocks[1]);
  const { settled, unseen } = await readHistory(node, { contract, from, to });
  const found = accountsOf(settled, {
    domain: { chainId: node.chainId, contract },
    members: membership.value.addresses,
    percent: BigInt(share),
  });
  if (!found.ok)
    return trouble("E100", `The node's answers contradict themselves: ${found.detail}.`);
  // Accounts that lack a ring are no accounts: another node must be asked.
  const exit = unseen.length === 0 ? exits.done : exits.unknown;
  const lines = [...linesOf(found.value), ...unseen.map(unseenLine)];
  const data = { ok: unseen.length === 0, from, to, ...dataOf(found.value), unseen, exit };
  return { ok: true, exit, lines, data };
}

function unseenLine(transaction: string): string {
  return `✕ ${transaction} settled rings through another contract, and this node cannot trace it`;
}

function linesOf({ rings, statistics, payments }: Accounts): readonly string[] {
  return [
    `● ${rings.length} rings`,
    ...rings.map(ringLine),
    ...[...statistics].map(([member, one]) => memberLine(member, one)),
    payments.length === 0 ? "● nobody owes anybody" : "● payments that settle everything",
    ...payments.map(({ from, to, amount, token }) => `  ${from} pays ${to} ${amount} of ${token}`),
  ];
}

function ringLine({ ring, size, minedBy, gasCost, fees, margins, rewards }: AccountedRing): string {
  const sums = [
    ["fees", fees],
    ["margins", margins],
    ["rewards", rewards],
  ] as const;
  const told = sums.flatMap(([name, byToken]) =>
    Object.entries(byToken).map(([token, amount]) => `${name} ${amount} of ${token}`),
  );
  return `  ${ring} ${size} orders, mined by ${minedBy}, gas ${gasCost} wei; ${told.join(", ")}`;
}

function memberLine(member: string, { produced, consumed, rings }: Statistics): string {
  const name = /^0x[0-9a-f]{40}$/.test(member) ? shown(member) : member;
  return (
    `○ ${name}: brought ${produced.fills} fills (${produced.fillsShared} mined by others), ` +
    `mined ${rings} rings with ${consumed.fills} (${consumed.fillsShared} brought by others)`
  );
}

function shown(address: string): string {
  const parsed = parseAddress(address);
  return parsed === undefined ? address : checksummed(parsed);
}

function dataOf({ rings, statistics, debts, payments }: Accounts): {
  readonly [key: string]: Data;
} {
  return {
    rings: rings.map((ring) => ({
      ...ring,
      broughtBy: ring.broughtBy.map((member) => member ?? null),
      gasUsed: ring.gasUsed.toString(),
      gasCost: ring.gasCost.toString(),
    })),
    members: Object.fromEntries(
      [...statistics].map(([member, one]) => [
        member,
        {
          produced: sideData(one.produced),
          consumed: sideData(one.consumed),
          rings: one.rings,
          ringsShared: one.ringsShared,
          rewards: sums(one.rewards),
        },
      ]),
    ),
    debts: debts.map(debtData),
    payments: payments.map(debtData),
  };
}

function sideData(side: Side): Data {
  const { fills, fillsShared, volume, volumeShared, fees, margins } = side;
  return {
    fills,
    fillsShared,
    volume: sums(volume),
    volumeShared: sums(volumeShared),
    fees: sums(fees),
    margins: sums(margins),
  };
}

function sums(byToken: ByToken): Data {
  return Object.fromEntries([...byToken].map(([token, sum]) => [token, sum.toString()]));
}

function debtData({ from, to, token, amount }: Debt): Data {
  return { from, to, token, amount: amount.toString() };
}
