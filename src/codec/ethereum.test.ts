/** Addresses and hashes: one text for one value, and the examples of EIP-55. */
import { equal } from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { runs } from "../testing/runs.ts";
import { fromAscii, toHex } from "./bytes.ts";
import {
  addressOf,
  bytesOf,
  checksummed,
  hashOf,
  keccak,
  parseAddress,
  parseHash,
} from "./ethereum.ts";

const examples = [
  "0x52908400098527886E0F7030069857D2E4169EE7",
  "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
  "0xde709f2102306220921060314715629080e2fb77",
  "0x27b1fdb04752bbc536007a920d24acb045561c26",
  "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
  "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
  "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
  "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
];

test("the examples of EIP-55 are read, and printed like that", () => {
  for (const text of examples) {
    const address = parseAddress(text);
    equal(address, text.toLowerCase());
    equal(address === undefined ? "" : checksummed(address), text);
  }
});

test("no other capitals are read, nor anything near", () => {
  const [one = ""] = examples.slice(4);
  const wrong = [
    one.toUpperCase(),
    `0x${one.slice(2).toUpperCase()}`,
    one.replace("aA", "Aa"),
    one.slice(2),
    one.slice(0, -1),
    `${one}0`,
    ` ${one}`,
    `${one}\n`,
    one.replace("0x", "0X"),
    one.toLowerCase().replace("5", "g"),
    "",
  ];
  for (const text of wrong) equal(parseAddress(text), undefined, text);
});

test("keccak-256 of nothing and of abc", () => {
  equal(
    toHex(keccak(new Uint8Array(0))),
    "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
  );
  equal(
    toHex(keccak(fromAscii("abc"))),
    "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
  );
});

test("what is printed is read; one changed capital is not", () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), fc.nat(39), (bytes, where) => {
      const address = addressOf(bytes);
      equal(toHex(bytesOf(address)), toHex(bytes));
      const text = checksummed(address);
      equal(parseAddress(text), address);
      const letter = text.charAt(2 + where);
      const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
      const changed = text.slice(0, 2 + where) + other + text.slice(3 + where);
      const isReadable = changed === text || changed === address;
      equal(parseAddress(changed), isReadable ? address : undefined);
    }),
    { numRuns: runs(100) },
  );
});

test("a hash is 64 lower-case digits", () => {
  const hash = hashOf(keccak(fromAscii("abc")));
  equal(parseHash(hash), hash);
  for (const text of [hash.toUpperCase(), hash.slice(2), hash.slice(0, -1), `${hash}0`, ""]) {
    equal(parseHash(text), undefined, text);
  }
});
