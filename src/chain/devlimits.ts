/**
 * Who may ask the development chain, and for how much at once. It listens on loopback, but every
 * page in this machine's browser can reach that: a page names itself (`Origin`), one behind a name
 * that was pointed at loopback names that (`Host`), and a request that browsers send without asking
 * first cannot be of type `application/json`.
 *
 * Hardhat's EVM remembers every step of what it runs, about 130 bytes for each unit of gas of an
 * empty loop: a call's gas has an end.
 */
import type { IncomingHttpHeaders } from "node:http";

import { quantity } from "./answers.ts";

/** Gas of one call: what the exchange's own reads ask for. */
const calledGasMax = 16_000_000n;
/** Gas of a call whose steps are all answered. */
const tracedGasMax = 2_000_000n;

const loopback = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** Why a request with these headers gets no answer: a status and a sentence. */
export type Unanswered = { readonly status: number; readonly why: string };

/** Whether somebody from here asks. */
export function whyNotFrom({ host, origin }: IncomingHttpHeaders): Unanswered | undefined {
  if (!loopback.test(host ?? "")) {
    return { status: 403, why: "this chain answers as localhost or 127.0.0.1 alone" };
  }
  if (origin === undefined) return undefined;
  const [, scheme = "", place = ""] = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)$/i.exec(origin) ?? [];
  // An extension of the browser (a wallet) has a scheme of its own; `null` could be anybody.
  const isPage = scheme === "" || /^https?$/i.test(scheme);
  if (!isPage || loopback.test(place)) return undefined;
  return { status: 403, why: "this chain does not answer pages of other places" };
}

/** Whether it is what browsers let a page send only after they have asked. */
export function whyNotOf(headers: IncomingHttpHeaders): Unanswered | undefined {
  const type = headers["content-type"] ?? "";
  if (/^application\/json\s*(?:;|$)/i.test(type)) return undefined;
  return { status: 415, why: "a request is of content-type application/json" };
}

/** The params with as much gas as one request may have. */
export function withinLimits(method: string, params: readonly unknown[]): readonly unknown[] {
  const most = gasMax(method);
  const [call, ...more] = params;
  if (most === undefined || typeof call !== "object" || call === null) return params;
  const fields = Object.fromEntries(Object.entries(call));
  const wanted: unknown = fields["gas"];
  const isMalformed = wanted !== undefined && wanted !== null && !isQuantity(wanted);
  // The chain says what is wrong with it.
  if (isMalformed || (isQuantity(wanted) && BigInt(wanted) <= most)) return params;
  return [{ ...fields, gas: quantity(most) }, ...more];
}

function gasMax(method: string): bigint | undefined {
  if (method === "eth_call" || method === "eth_estimateGas") return calledGasMax;
  return method.startsWith("debug_") ? tracedGasMax : undefined;
}

function isQuantity(value: unknown): value is string {
  return typeof value === "string" && /^0x[0-9a-f]{1,64}$/i.test(value);
}
