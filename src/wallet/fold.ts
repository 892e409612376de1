/**
 * A statement is a fold over the verified reports, without asking anybody: balances, orders, fills,
 * deposits and withdrawals as the last report that spoke of them says; the dead man's switch; what
 * issuers did. Records carry states and totals, not differences, so a missing report leaves holes
 * but spoils nothing. Only what settled rings did to an order is summed.
 */
import type { Hash } from "../codec/ethereum.ts";
import type { OrderId, Ref } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type {
  DepositEntry,
  Entry,
  FillEntry,
  OrderEntry,
  WithdrawalEntry,
} from "../letter/entry.ts";
import type { HandsEntry, RequestEntry, SettledEntry } from "../letter/handsentry.ts";
import type { FrozenEntry, KeyEntry, KeysEntry, RekeyEntry } from "../letter/keyentry.ts";
import type { OfferEntry, RingedEntry } from "../letter/ringentry.ts";
import type {
  ActionEntry,
  ClosingEntry,
  EntitledEntry,
  HolderEntry,
  IssueEntry,
  SecuritiesEntry,
} from "../letter/securitiesentry.ts";
import { printKey } from "../letter/orderid.ts";
import type { Report } from "../letter/report.ts";
import { gaps, hashOf, type Archive } from "./archive.ts";

/** What an account has of one asset, in units. */
export type Balance = { readonly total: number; readonly free: number; readonly held: number };

/** A record with the report that says it. */
export type Said<Of> = Of & { readonly report: number; readonly at: Time };

/** A ring order with the report that says it, and since when it is known. */
export type SaidOffer = Said<OfferEntry> & { readonly since: Time };

/** The dead man's switch as it was last told: when it goes off, or that it is off. */
export type SwitchSaid = {
  readonly until: Time | undefined;
  readonly report: number;
  readonly at: Time;
};

/** What a corporate action moved: the shares of a listing or a split, what was paid. */
export type ActionMove = Said<
  Extract<Entry, { kind: "move" }> & {
    readonly cause: {
      readonly kind: "list" | "dividend" | "ratio" | "rename";
      readonly number: number;
    };
  }
>;

/** An asset's holders as one report listed them, to its issuer. */
export type HolderList = {
  readonly report: number;
  readonly at: Time;
  readonly holders: readonly HolderEntry[];
};

/** An answer to one of our letters. */
export type AnswerNote = { readonly report: number; readonly ref: Ref; readonly orderId: OrderId };

/** Everything that the reports say, together. */
export type Statement = {
  readonly asOf:
    | { readonly report: number; readonly at: Time; readonly log: number; readonly hash: string }
    | undefined;
  readonly missing: readonly number[];
  readonly balances: ReadonlyMap<string, Balance>;
  /** By order id and line, in the order in which they were first heard of. */
  readonly orders: ReadonlyMap<string, Said<OrderEntry> & { readonly since: Time }>;
  readonly fills: readonly Said<FillEntry>[];
  /** Ring orders by order hash, in the order in which they were first heard of. */
  readonly offers: ReadonlyMap<Hash, SaidOffer>;
  /** What rings did to them, by ring number and order hash. */
  readonly ringed: ReadonlyMap<string, Said<RingedEntry>>;
  readonly deposits: ReadonlyMap<number, Said<DepositEntry>>;
  readonly withdrawals: ReadonlyMap<number, Said<WithdrawalEntry>>;
  readonly pushes: readonly Said<Extract<Entry, { kind: "push" }>>[];
  readonly switch: SwitchSaid | undefined;
  /** What a holder was paid, or lost, by corporate actions; what they moved. */
  readonly entitled: readonly Said<EntitledEntry>[];
  readonly actionMoves: readonly ActionMove[];
  /** Names that assets had, and have now, as their holders are told. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Closing statements of assets that were delisted. */
  readonly closings: ReadonlyMap<string, Said<ClosingEntry>>;
  /** For issuers: assets as they were listed, own actions by number, lists of holders. */
  readonly issues: ReadonlyMap<string, Said<IssueEntry>>;
  readonly actions: ReadonlyMap<number, Said<ActionEntry>>;
  readonly holders: ReadonlyMap<string, HolderList>;
  readonly answers: ReadonlyMap<OrderId, AnswerNote>;
  /** Highest sequence number that a report speaks of, by thread. */
  readonly threads: ReadonlyMap<number, number>;
  readonly mailbox: string | undefined;
  /** What became of the account's keys, oldest first. */
  readonly keys: readonly (KeyEntry | FrozenEntry)[];
  /** For operators; replacements of keys by account, as they were told last. */
  readonly rekeys: ReadonlyMap<string, RekeyEntry>;
  readonly requests: readonly Said<RequestEntry>[];
  readonly settled: readonly Said<SettledEntry>[];
  readonly approvals: readonly Said<Extract<Entry, { kind: "approval" }>>[];
};

type Draft = {
  readonly balances: Map<string, Balance>;
  readonly orders: Map<string, Said<OrderEntry> & { readonly since: Time }>;
  readonly fills: Said<FillEntry>[];
  readonly offers: Map<Hash, SaidOffer>;
  readonly ringed: Map<string, Said<RingedEntry>>;
  readonly deposits: Map<number, Said<DepositEntry>>;
  readonly withdrawals: Map<number, Said<WithdrawalEntry>>;
  readonly pushes: Said<Extract<Entry, { kind: "push" }>>[];
  switch: SwitchSaid | undefined;
  readonly entitled: Said<EntitledEntry>[];
  readonly actionMoves: ActionMove[];
  readonly closings: Map<string, Said<ClosingEntry>>;
  readonly issues: Map<string, Said<IssueEntry>>;
  readonly actions: Map<number, Said<ActionEntry>>;
  readonly holders: Map<string, HolderList>;
  readonly answers: Map<OrderId, AnswerNote>;
  readonly threads: Map<number, number>;
  mailbox: string | undefined;
  readonly keys: (KeyEntry | FrozenEntry)[];
  readonly rekeys: Map<string, RekeyEntry>;
  readonly requests: Said<RequestEntry>[];
  readonly settled: Said<SettledEntry>[];
  readonly approvals: Said<Extract<Entry, { kind: "approval" }>>[];
};

/** The statement that the kept reports make. */
export function foldReports(archive: Archive): Statement {
  const draft: Draft = {
    balances: new Map(),
    orders: new Map(),
    fills: [],
    offers: new Map(),
    ringed: new Map(),
    deposits: new Map(),
    withdrawals: new Map(),
    pushes: [],
    switch: undefined,
    entitled: [],
    actionMoves: [],
    closings: new Map(),
    issues: new Map(),
    actions: new Map(),
    holders: new Map(),
    answers: new Map(),
    threads: new Map(),
    mailbox: undefined,
    keys: [],
    rekeys: new Map(),
    requests: [],
    settled: [],
    approvals: [],
  };
  for (const kept of archive.reports) foldReport(draft, kept.report);
  const last = archive.reports.at(-1);
  const asOf = last && {
    report: last.number,
    at: last.report.at,
    log: last.report.log,
    hash: hashOf(last),
  };
  const missing = gaps(archive.reports.map((kept) => kept.number));
  const renamed = renamedIn(draft.actionMoves);
  const issues = new Map(
    [...draft.issues].map(([asset, issue]) => {
      const name = renamed.get(asset) ?? asset;
      return [name, { ...issue, asset: name }];
    }),
  );
  // What has another name now is told under that.
  for (const name of renamed.keys()) draft.balances.delete(name);
  return { ...draft, renamed, issues, offers: withSettled(draft), asOf, missing };
}

/** A renamed asset goes out under one name and comes in under the other, by one action's number. */
function renamedIn(moves: readonly ActionMove[]): ReadonlyMap<string, string> {
  const renamings = moves.filter(({ cause }) => cause.kind === "rename");
  const names = new Map<string, string>();
  for (const [, both] of Map.groupBy(renamings, ({ cause }) => cause.number)) {
    const from = both.find(({ change }) => change < 0);
    const to = both.find(({ change }) => change > 0);
    if (from && to) names.set(from.asset, to.asset);
  }
  return names;
}

/**
 * A settled ring is told when it settled, the order's own totals only when they are told next: the
 * larger of both is true.
 */
function withSettled({ offers, ringed }: Draft): ReadonlyMap<Hash, SaidOffer> {
  const totals = new Map(offers);
  const settled = [...ringed.values()].filter(({ state }) => state === "settled");
  for (const [hash, rings] of Map.groupBy(settled, (one) => one.hash)) {
    const offer = offers.get(hash);
    if (offer === undefined) continue;
    const sold = rings.reduce((sum, ring) => sum + ring.sold, 0n);
    const received = rings.reduce((sum, ring) => sum + ring.received, 0n);
    totals.set(hash, {
      ...offer,
      sold: sold > offer.sold ? sold : offer.sold,
      received: received > offer.received ? received : offer.received,
    });
  }
  return totals;
}

function foldReport(draft: Draft, report: Report): void {
  if (report.kind !== "report") return;
  if (report.answers) {
    const { orderId, ref, seq } = report.answers;
    draft.answers.set(orderId, { report: report.report, ref, orderId });
    if (seq) {
      draft.threads.set(seq.thread, Math.max(seq.number, draft.threads.get(seq.thread) ?? 0));
    }
  }
  const where = { report: report.report, at: report.at, isAnswer: report.answers !== undefined };
  for (const entry of report.records) foldEntry(draft, entry, where);
}

function foldEntry(draft: Draft, entry: Entry, where: Where): void {
  const { report, at } = where;
  switch (entry.kind) {
    case "balance":
      draft.balances.set(entry.asset, { total: entry.total, free: entry.free, held: entry.held });
      return;
    case "order":
      foldOrder(draft, entry, where);
      return;
    case "fill":
      draft.fills.push({ ...entry, report, at });
      return;
    case "offer":
    case "ringed":
      foldOffer(draft, entry, where);
      return;
    case "deposit":
      draft.deposits.set(entry.number, { ...entry, report, at });
      return;
    case "withdrawal":
      draft.withdrawals.set(entry.number, { ...entry, report, at });
      return;
    case "push":
      draft.pushes.push({ ...entry, report, at });
      return;
    case "mailbox":
      draft.mailbox = entry.secret;
      return;
    case "key":
    case "frozen":
    case "rekey":
      foldKeys(draft, entry);
      return;
    case "request":
    case "settled":
    case "approval":
      foldHands(draft, entry, where);
      return;
    case "switch":
      draft.switch = { until: entry.at, report, at };
      return;
    case "move":
      foldMove(draft, entry, where);
      return;
    case "action":
    case "entitled":
    case "holder":
    case "issue":
    case "closing":
      foldSecurities(draft, entry, where);
      return;
    case "hold":
    case "reject":
    case "done":
    case "seq":
    case "last":
    case "json":
    case "resent":
    case "refused":
    // A watcher's: what to look at on the chain, nothing of the account's own.
    case "watch":
    case "unwatch":
    case "ticket":
    case "other":
      return;
  }
}

function foldOffer(draft: Draft, entry: OfferEntry | RingedEntry, { report, at }: Where): void {
  if (entry.kind === "ringed") {
    draft.ringed.set(`${entry.ring} ${entry.hash}`, { ...entry, report, at });
    return;
  }
  const since = draft.offers.get(entry.hash)?.since ?? at;
  draft.offers.set(entry.hash, { ...entry, report, at, since });
}

function foldHands(draft: Draft, entry: HandsEntry, { report, at }: Where): void {
  if (entry.kind === "request") draft.requests.push({ ...entry, report, at });
  else if (entry.kind === "settled") draft.settled.push({ ...entry, report, at });
  else draft.approvals.push({ ...entry, report, at });
}

function foldKeys(draft: Draft, entry: KeysEntry): void {
  if (entry.kind === "rekey") draft.rekeys.set(entry.account, entry);
  else draft.keys.push(entry);
}

function foldOrder(draft: Draft, entry: OrderEntry, { report, at }: Where): void {
  const key = printKey(entry.key);
  const since = draft.orders.get(key)?.since ?? at;
  draft.orders.set(key, { ...entry, report, at, since });
}

type Where = { readonly report: number; readonly at: Time; readonly isAnswer: boolean };

function foldMove(
  draft: Draft,
  entry: Extract<Entry, { kind: "move" }>,
  { report, at }: Where,
): void {
  const { cause } = entry;
  switch (cause.kind) {
    case "list":
    case "dividend":
    case "ratio":
    case "rename":
      draft.actionMoves.push({ ...entry, report, at, cause: { ...cause, kind: cause.kind } });
      return;
    // The records of trades, deposits, withdrawals and pushes say more.
    case "trade":
    case "fee":
    case "deposit":
    case "withdrawal":
    case "push out":
    case "push in":
      return;
  }
}

function foldSecurities(
  draft: Draft,
  entry: SecuritiesEntry,
  { report, at, isAnswer }: Where,
): void {
  const where = { report, at };
  switch (entry.kind) {
    case "action":
      draft.actions.set(entry.number, { ...entry, ...where });
      return;
    case "entitled":
      draft.entitled.push({ ...entry, ...where });
      return;
    case "issue":
      draft.issues.set(entry.asset, { ...entry, ...where });
      return;
    case "closing":
      draft.closings.set(entry.asset, { ...entry, ...where });
      return;
    case "holder": {
      // A long list goes on in the reports that follow, which answer nothing.
      const before = draft.holders.get(entry.asset);
      const follows = before?.report === report - 1 && before.at === at && !isAnswer;
      const goesOn = before !== undefined && (before.report === report || follows);
      const holders = goesOn ? [...before.holders, entry] : [entry];
      draft.holders.set(entry.asset, { ...where, holders });
      return;
    }
  }
}

/** Orders that may still trade, oldest first. */
export function openOrders(
  statement: Statement,
): readonly (Said<OrderEntry> & { readonly since: Time })[] {
  return [...statement.orders.values()].filter((order) => order.open > 0 && isOpen(order));
}

/** Whether an order may still trade, or waits until it may. */
export function isOpen(order: OrderEntry): boolean {
  const { status } = order;
  return status === "waiting" || status === "resting" || status === "partly_filled";
}

/** What rings did to one order, oldest first. */
export function ringsOf(statement: Statement, hash: Hash): readonly Said<RingedEntry>[] {
  return [...statement.ringed.values()]
    .filter((ringed) => ringed.hash === hash)
    .sort((a, b) => a.ring - b.ring);
}

/** Whether a ring order may still be filled. */
export function isOfferOpen({ status }: OfferEntry): boolean {
  switch (status) {
    case "waiting":
    case "live":
    case "unfunded":
    case "set_aside":
      return true;
    case "filled":
    case "taken_back":
    case "crowded_out":
    case "cancelled":
    case "expired":
    case "refused":
      return false;
  }
}

/** Ring orders that may still be filled, oldest first. */
export function openOffers(statement: Statement): readonly SaidOffer[] {
  return [...statement.offers.values()].filter(isOfferOpen);
}
