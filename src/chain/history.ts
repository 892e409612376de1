/**
 * What settled in a range of blocks, as src/ring/settledring.ts wants it: each call of the
 * settlement with its logs, and what its transaction cost whoever sent it. Where a contract made
 * the call, a trace has it; a node that cannot trace leaves such a transaction `unseen`, and who
 * settles accounts must ask another one.
 */
import type { Address, Hash } from "../codec/ethereum.ts";
import { logQuery } from "../ring/eventlog.ts";
import type { SubmitCall } from "../ring/settledring.ts";
import { addressIn, field, hashIn, type Hex, hexIn, listIn } from "./answers.ts";
import type { ChainLog, ChainNode } from "./node.ts";
import { RpcRefused } from "./rpc.ts";

const rangeMax = 1000;

export type SettledTransaction = {
  readonly transaction: Hash;
  readonly block: number;
  /** Who paid the gas. */
  readonly sender: Address;
  readonly gasUsed: bigint;
  /** Wei a unit of gas. */
  readonly gasPrice: bigint;
  readonly calls: readonly SubmitCall[];
};

/** The transactions in which rings settled, in the order of the chain; both blocks included. */
export async function readHistory(
  node: ChainNode,
  range: { readonly contract: Address; readonly from: number; readonly to: number },
): Promise<{ readonly settled: readonly SettledTransaction[]; readonly unseen: readonly Hash[] }> {
  const { contract, to: last } = range;
  const settled: SettledTransaction[] = [];
  const unseen: Hash[] = [];
  const { topics } = logQuery(contract, { fromBlock: 0n, toBlock: 0n });
  for (let { from } = range; from <= last; from += rangeMax) {
    const to = Math.min(last, from + rangeMax - 1);
    const logs = await node.logs({ address: contract, from, to, topics });
    for (const hash of new Set(logs.map(({ transaction }) => transaction))) {
      const [transaction, receipt] = [await node.transaction(hash), await node.receipt(hash)];
      if (transaction === undefined || receipt === undefined) {
        throw new Error(`couldn't read transaction ${hash}: the chain was reorganised meanwhile`);
      }
      const { from: sender, input } = transaction;
      const ours = receipt.logs.filter(({ address }) => address === contract);
      const calls =
        transaction.to === contract
          ? [{ from: sender, to: contract, input, logs: ours }]
          : await tracedCalls(node, { hash, contract, logs: ours });
      if (calls === undefined) unseen.push(hash);
      const { block, gasUsed, gasPrice } = receipt;
      settled.push({ transaction: hash, block, sender, gasUsed, gasPrice, calls: calls ?? [] });
    }
  }
  return { settled, unseen };
}

/** The calls of the settlement inside a transaction; `undefined` if the node cannot say. */
async function tracedCalls(
  node: ChainNode,
  of: { readonly hash: Hash; readonly contract: Address; readonly logs: readonly ChainLog[] },
): Promise<readonly SubmitCall[] | undefined> {
  try {
    const how = { tracer: "callTracer", tracerConfig: { withLog: true } };
    const root = await node.request("debug_traceTransaction", [of.hash, how]);
    const calls: SubmitCall[] = [];
    gather(root, of.contract, calls);
    // What the traces tell must be what the receipt has, or some of it is missing.
    const count = calls.reduce((sum, { logs }) => sum + logs.length, 0);
    return count === of.logs.length ? calls : undefined;
  } catch (error) {
    if (error instanceof RpcRefused) return undefined;
    throw error;
  }
}

function gather(call: unknown, contract: Address, calls: SubmitCall[]): void {
  if (field(call, "error") !== undefined) return;
  const to = field(call, "to");
  const logs = listIn(field(call, "logs") ?? []).flatMap((log) => {
    const address = addressIn(field(log, "address"));
    if (address !== contract) return [];
    const topics: readonly Hash[] = listIn(field(log, "topics")).map(hashIn);
    const data: Hex = hexIn(field(log, "data"));
    return [{ address, topics, data }];
  });
  if (typeof to === "string" && addressIn(to) === contract && logs.length > 0) {
    const [from, input] = [addressIn(field(call, "from")), hexIn(field(call, "input"))];
    calls.push({ from, to: contract, input, logs });
  }
  for (const inner of listIn(field(call, "calls") ?? [])) gather(inner, contract, calls);
}
