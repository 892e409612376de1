/** Addresses with logins and keys in them: asked whole, named by their host alone. */
import { deepEqual, doesNotMatch, equal } from "node:assert/strict";
import { test } from "node:test";

import * as fc from "fast-check";

import { nameOfUrl, reachOf } from "./reach.ts";

const login = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;

test("the login goes into a header, and names are without it", () => {
  deepEqual(reachOf("https://alice:s%40fe@host:8545/v1/KEY?a=b@c"), {
    url: "https://host:8545/v1/KEY?a=b@c",
    name: "https://host:8545",
    authorization: login("alice:s@fe"),
  });
  deepEqual(reachOf("http://host"), {
    url: "http://host",
    name: "http://host",
    authorization: undefined,
  });
  equal(reachOf("http://alice@host/")?.authorization, login("alice:"));
  equal(reachOf("http://a:b@c@host")?.authorization, login("a:b@c"));
  equal(reachOf("http://ü%C3%BC:x@host")?.authorization, login("üü:x"));
  for (const text of ["", "host", "ftp://a:b@host", "http:/a:b@host", "http://a:b@", "http://"]) {
    equal(reachOf(text), undefined, text);
    doesNotMatch(nameOfUrl(text), /a:b/);
  }
});

test("what is named and asked has no login, as whoever fetches it reads it", () => {
  const part = fc.string({ unit: fc.constantFrom(..."ab:@%/?#\\ 4é") });
  fc.assert(
    fc.property(part, (text) => {
      const reach = reachOf(`http://${text}`);
      if (reach === undefined || !URL.canParse(reach.url)) return;
      const { username, password, origin } = new URL(reach.url);
      equal(username + password, "");
      equal(new URL(reach.name).origin, origin);
    }),
  );
});
