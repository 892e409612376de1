/** The card: what is printed is what is read, and every departure is refused by name. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import { goldCard } from "../testing/gold.ts";
import { parseCard, printCard, type Card } from "./card.ts";

const key = (name: string): string => `${name}+5c1e77d0+${"A".repeat(43)}=`;

const card: Card = {
  ...goldCard,
  log: key("signet.log/49979888511191774776929750563049979888ab"),
  relays: [
    { name: "alder", url: "http://127.0.0.1:8101", key: key("alder") },
    { name: "birch", url: "http://127.0.0.1:8102", key: key("birch") },
  ],
  at: time(1_795_258_800_000),
};

const address = (digit: string): Address => {
  const found = parseAddress(`0x${digit.repeat(40)}`);
  assert.ok(found !== undefined);
  return found;
};

const withVenue: Card = {
  ...card,
  ring: {
    chainId: 31_337n,
    contract: address("c"),
    miner: address("a"),
    feeRecipient: address("f"),
    tokens: [
      { name: "GOLD", address: address("1"), decimals: 18 },
      { name: "SILVER", address: address("2"), decimals: 6 },
    ],
    minerCertificate: "xjMEZAAA",
  },
};

test("a card with a ring venue survives too; its lines stand between markets and operators", () => {
  const text = printCard(withVenue);
  const [c, a, f, one] = ["c", "a", "f", "1"].map((digit) => `0x${digit.repeat(40)}`);
  const lines = `\nring 31337 ${c} ${a} ${f}\ntoken GOLD ${one} 18\ntoken SILVER 0x`;
  assert.ok(text.includes(lines));
  assert.match(text, /\nminer xjMEZAAA\noperators 1 of 1\n/);
  assert.deepEqual(parseCard(text), { ok: true, value: withVenue });
});

test("a card shows the second certificate behind the key number; one of old has none", () => {
  const withSecond: Card = { ...card, v6: "xioGZAAA" };
  const text = printCard(withSecond);
  assert.match(text, /\nkey-number [0-9 ]{35}\nv6 xioGZAAA\nlog /);
  assert.deepEqual(parseCard(text), { ok: true, value: withSecond });
  assert.deepEqual(parseCard(printCard(card)), { ok: true, value: card });
  const refusals = [
    [text.replace("v6 xioGZAAA", "v6 xioGZAA"), "card_line_malformed"],
    [text.replace("v6 xioGZAAA", "v6 "), "card_line_malformed"],
    [text.replace("v6 xioGZAAA", `v6 ${"A".repeat(21_852)}`), "card_line_malformed"],
    [text.replace("v6 xioGZAAA", "v6 xioGZAAA\nv6 xioGZAAA"), "card_line_repeated"],
  ] as const;
  for (const [changed, name] of refusals) {
    const read = parseCard(changed);
    assert.equal(read.ok ? "taken" : read.name, name);
  }
});

test("a ring venue that departs from its form is refused by name", () => {
  const text = printCard(withVenue);
  const refusals: readonly (readonly [string, string])[] = [
    [text.replace("ring 31337", "ring 0"), "card_line_malformed"],
    [text.replace("ring 31337", "ring 031337"), "card_line_malformed"],
    [text.replace(/0xf+\n/, "\n"), "card_line_malformed"],
    [text.replace("0xc", "0xC"), "card_line_malformed"],
    [text.replace("GOLD", "gold"), "card_line_malformed"],
    [text.replace(" 18\n", " 78\n"), "card_line_malformed"],
    [text.replace(" 18\n", " 18 1\n"), "card_line_malformed"],
    [text.replace("xjMEZAAA", "xjMEZAA"), "card_line_malformed"],
    [text.replace("miner xjMEZAAA", `miner ${"A".repeat(24_004)}`), "card_line_malformed"],
    [text.replace(/\nring .*/, ""), "card_line_malformed"],
    [text.replace(/(\nring .*)(\ntoken .*)/, "$2$1"), "card_line_malformed"],
    [text.replace(/(\ntoken S.*)(\nminer .*)/, "$2$1"), "card_line_malformed"],
    [text.replace("SILVER", "GOLD"), "card_line_repeated"],
    [text.replaceAll("0x2", "0x1").replace(/2{39}/, "1".repeat(39)), "card_line_repeated"],
    [text.replace(/(\nring .*)/, "$1$1"), "card_line_repeated"],
    [text.replace(/(\nminer .*)/, "$1$1"), "card_line_repeated"],
    [text.replace(/\nminer .*/, ""), "card_line_missing"],
  ];
  for (const [bad, name] of refusals) {
    const verdict = parseCard(bad);
    assert.equal(verdict.ok ? "accepted" : verdict.name, name, bad);
  }
});

test("a card survives printing and reading", () => {
  const text = printCard(card);
  assert.match(text, /\nmarket GLD\/BTC 1 100 1 5 10000000 1 1000000 0 2000 1 8\n/);
  assert.deepEqual(parseCard(text), { ok: true, value: card });
});

test("a card that departs from its form is refused by name", () => {
  const text = printCard(card);
  const refusals: readonly (readonly [string, string])[] = [
    [text.repeat(200), "card_too_long"],
    [text.replace("alder", "äld"), "card_not_ascii"],
    [text.replace("signet-card/1", "signet-card/2"), "card_version_unknown"],
    [text.replace("asset BTC 8 ", "asset BTC 7 "), "card_line_malformed"],
    [text.replace("asset BTC 8 ", "asset BTC 08 "), "card_line_malformed"],
    [text.replace("http:", "file:"), "card_line_malformed"],
    [text.replace(" 1 8\n", " 1 8 9\n"), "card_line_malformed"],
    [text.replace("1 of 1", "2 of 1"), "card_line_malformed"],
    [text.replace("\nat ", "\nweather fine\nat "), "card_line_malformed"],
    [text.replace("relay birch", "relay alder"), "card_line_repeated"],
    [text.replace(/\nlog .*/, ""), "card_line_missing"],
    [text.replace(/\nat .*/, ""), "card_line_missing"],
  ];
  for (const [bad, name] of refusals) {
    const verdict = parseCard(bad);
    assert.equal(verdict.ok ? "accepted" : verdict.name, name);
  }
});

test("a card with any one character changed is refused or says something else", () => {
  const text = printCard(withVenue);
  fc.assert(
    fc.property(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), (position, code) => {
      const changed =
        text.slice(0, position) + String.fromCharCode(code) + text.slice(position + 1);
      const verdict = parseCard(changed);
      if (changed !== text && verdict.ok) assert.equal(printCard(verdict.value), changed);
    }),
  );
});
