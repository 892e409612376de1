/**
 * The stage: the wallet's screens before a wallet that answers from a script. The tests of the
 * screens drive it in a real browser; `stage.show` puts another account on it, `stage.asked` tells
 * what was asked of the wallet.
 */
import { render } from "preact";
import { Bar } from "../../frame/bar.tsx";
import { noReport, printReport } from "../../../letter/report.ts";
import { fingerprint, orderId, ref } from "../../../codec/names.ts";
import { time } from "../../../codec/time.ts";
import { parseEntry } from "../../../letter/entry.ts";
import type { Ask } from "../calls.ts";
import type { AccountView, CallName, Draft, KeptFile, Told } from "../core/protocol.ts";
import { Trading } from "../trading.tsx";
import { account, letterOf, resting, unknownUntil, voided } from "./scene.ts";

const draft: Draft = {
  draft: "draft-1",
  text: letterOf("BUY|GLD/BTC|1205|4215|id=desk-42"),
  words: `${resting.words}`,
  cost: { amount: "5.079075", asset: "BTC" },
  fee: { amount: "0.01015815", asset: "BTC" },
  total: { amount: "5.08923315", asset: "BTC" },
  by: "2026-11-21T12:01:00Z",
};

/** A draft that costs nothing. */
function only(command: string, words: string): Draft {
  return {
    ...draft,
    text: letterOf(command),
    words,
    cost: undefined,
    fee: undefined,
    total: undefined,
  };
}

function reportText(number: number): string {
  const order = "5c1e".repeat(16);
  const records = [
    `ORDER|1|${order}.1|partly_filled|buy|GLD/BTC|1205|4215|400|805|-|id=desk-42`,
    `FILL|882|${order}.1|buy|GLD/BTC|400|4215|168600000|337200|taker|id=desk-42`,
    "BALANCE|BTC|824830000|485529400|339300600",
  ].flatMap((line) => {
    const entry = parseEntry(line);
    return entry.ok ? [entry.value] : [];
  });
  return printReport({
    kind: "report",
    exchange: fingerprint(account.exchange.fingerprint),
    to: fingerprint(account.fingerprint),
    report: number,
    previous: noReport,
    answers: { orderId: orderId(order), ref: ref(resting.ref), seq: { number: 42, thread: 0 } },
    log: 88_209,
    at: time(1_795_262_403_340),
    records,
  });
}

const file = (name: string, text: string): KeptFile => ({ name, type: "text/plain", text });

/** Bytes to look at, with nothing inside. */
function filler(size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 1) bytes[at] = (at * 151 + (at >> 5) * 31) & 255;
  return bytes;
}

/** A letter of 612 bytes by its framing: a session key for a hidden recipient, sealed data. */
function letter(): Uint8Array {
  const key = [0xc1, 94, 3, ...new Uint8Array(8), 18, ...filler(84)];
  const data = [0xd2, 0xff, 0, 0, 1, 0xfe, 1];
  return Uint8Array.from([...key, ...data, ...filler(509)]);
}

const lost: Told = {
  ok: false,
  code: "E801",
  what: "No relay answered (3 tried, 10 s).",
  meaning: "The letter is saved and signed, not sent.",
  next: "The letter is sent again by itself as soon as a relay answers.",
};

const gives: { readonly [name in CallName]?: unknown } = {
  compose: draft,
  deposit: {
    ...draft,
    words: "Announce a deposit of 0.25 BTC.",
    text: letterOf("DEPOSIT|BTC|25000000"),
    cost: undefined,
    fee: undefined,
    total: undefined,
  },
  withdraw: {
    ...draft,
    words: "Withdraw 0.1 BTC to bc1q7d3k9w0xq5ve.",
    text: letterOf("WITHDRAW|BTC|10000000|bc1q7d3k9w0xq5ve"),
    cost: undefined,
    fee: undefined,
    total: { amount: "0.1", asset: "BTC" },
  },
  push: {
    ...draft,
    words: "Give 0.1 BTC to another.",
    text: letterOf("NOOP"),
  },
  send: { kind: "sent", name: "0-42" },
  cancel: only("CANCEL|desk-40", "Cancel the order desk-40."),
  cancelAll: only("CANCELALL", "Cancel all open orders."),
  replace: only(
    `REPLACE|${"5c1e".repeat(16)}.1|1000|4200`,
    "Change the order 5c1e-5c1e-5c1e-5c1e-5c1e.1: 100 GLD in all, price 0.042 BTC.",
  ),
  cancelAfter: only("CANCELAFTER|1795284000", "Cancel all open orders at 18:00:00 UTC."),
  anew: draft,
  sendAgain: { name: "0-45" },
  resendReports: { kept: 1 },
  proof: file(
    "carried.txt",
    "signet-receipt/1 49979888511191774776929750563049979888ab\nref 6d0c\n",
  ),
  report: file("000017.txt", reportText(17)),
  csv: file("orders.csv", "opened\r\n"),
  evidence: file("0-42.evidence.json", "{}"),
  sealed: { bytes: letter() },
  carry: {
    ref: "6d0c44ab".repeat(8),
    receipts: [
      { relay: "alder", note: "signet-receipt/1\n" },
      { relay: "cedar", note: "signet-receipt/1\n" },
    ],
    reply: filler(1583),
  },
  open: { what: "report 18, which answers letter 0-42" },
};

const asked: { readonly name: string; readonly ask: unknown }[] = [];
let failing = false;
const ask: Ask = (name, question) => {
  asked.push({ name, ask: question });
  return failing
    ? Promise.resolve(lost)
    : Promise.resolve(JSON.parse(JSON.stringify({ ok: true, value: gives[name] ?? {} }), revive));
};

/** Bytes survive the copy. */
function revive(_name: string, value: unknown): unknown {
  const isBytes =
    typeof value === "object" &&
    value !== null &&
    "0" in value &&
    "1" in value &&
    !Array.isArray(value);
  return isBytes ? Uint8Array.from(Object.values(value)) : value;
}

let shown: AccountView = account;

function draw(): void {
  const place = document.getElementById("page");
  if (place === null) return;
  render(
    <>
      <Bar here="wallet" />
      <Trading account={shown} ask={ask} market="GLD/BTC" />
    </>,
    place,
  );
}

const stage = {
  asked,
  scene: { account, resting, voided, unknownUntil },
  show: (change: Partial<AccountView>): void => {
    shown = { ...shown, ...change };
    draw();
  },
  fail: (is: boolean): void => {
    failing = is;
  },
};
Object.assign(globalThis, { stage });
draw();
