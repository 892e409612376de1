/**
 * A sender's point of low order, or none of the curve: the shared secret is then known to all, or
 * zero, and a letter could be made that every key opens (RFC 7748 §6.1). Unopenable, although the
 * session key is wrapped rightly with the secret that follows from it.
 */
import { test } from "node:test";
import { content, hex, newCustomer, newExchange, now, tryAll, type Attack } from "./forge.ts";
import { message, targetOf } from "./wire.ts";

/** Little endian: 0, 1, the two of order 8, p - 1, p, p + 1, and what is above p. */
const points = [
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
  "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "cdeb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b880",
  "4c9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f11d7",
  "d9ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "daffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
  "dbffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

test("a letter under a secret that is no secret", async () => {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const target = targetOf(exchange.certificate.key);
  const good = content({ by: alice.key });
  const attacks = points.flatMap((point): readonly Attack[] => {
    const wrap = { ephemeral: hex(point), shared: new Uint8Array(32) };
    return [
      [`${point.slice(0, 8)}…`, message(good, target, { wrap }), "unopenable"],
      [
        `${point.slice(0, 8)}… short`,
        message(good, target, { wrap: { ...wrap, bits: 256 } }),
        "unopenable",
      ],
    ];
  });
  await tryAll(attacks, exchange, { registered: [alice] });
});
