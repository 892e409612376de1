/**
 * What must hold of any message, however made: no path throws; all paths say the same; and what
 * opens is a text that one of the registered really signed, within the policy.
 */
import { isDeepStrictEqual } from "node:util";
import { readKey } from "openpgp";
import { fromHex, toHex } from "../../codec/bytes.ts";
import { fingerprint } from "../../codec/names.ts";
import { time } from "../../codec/time.ts";
import { now, paths, said, type Customer, type Exchange } from "../../seal/attacks/forge.ts";
import { readRegisteredCertificate } from "../../seal/certificate.ts";
import { readExchangeCertificate, readOperatingKeys } from "../../seal/keys.ts";
import { readPackets } from "../../seal/packets.ts";
import { openpgpConfig } from "../../seal/policy.ts";
import type { Opened } from "../../seal/open.ts";
import { paddedCompression, type Made } from "./grammar.ts";

/** Before whom a message is opened. */
export type Bench = {
  readonly exchange: Exchange;
  readonly registered: readonly Pick<Customer, "certificate">[];
};

/** What became of a message; `wrong` if it must not have. */
export type Verdict = { readonly outcome: string; readonly wrong: string | undefined };

/**
 * Where the paths may differ, and why: in version 2 of the sealed packet alone, whose content the
 * reference path gets from OpenPGP.js parsed and written anew.
 */
const exceptions: readonly {
  /** Only where this was bent. */
  readonly bent?: string;
  readonly reference: RegExp;
  readonly fast: RegExp;
  readonly why: string;
}[] = [
  {
    bent: paddedCompression,
    reference: /^sealed_damaged$/,
    fast: /./,
    why: "OpenPGP.js does not inflate what has bytes behind it",
  },
  {
    reference: /./,
    fast: /^(?:content|signature)_malformed$/,
    why: "short parts, unknown packets, broken lengths are gone when the content is written anew",
  },
];

function isException(bent: readonly string[], reference: string, fast: string, isV2: boolean) {
  return (
    isV2 &&
    exceptions.some((one) => {
      const isBent = one.bent === undefined || bent.includes(one.bent);
      return isBent && one.reference.test(reference) && one.fast.test(fast);
    })
  );
}

/** Whether version 2 of the sealed packet stands in it. */
function isVersion2(sealed: Uint8Array): boolean {
  return readPackets(sealed, 20)?.some(({ tag, body }) => tag === 18 && body[0] === 2) === true;
}

/** Opens a message by every path and judges the answers. */
export async function judge(
  { exchange, registered }: Bench,
  { sealed, mayOpen, bent }: Made,
): Promise<Verdict> {
  const answers: { readonly name: string; readonly opened: Opened }[] = [];
  for (const { name, open } of paths) {
    try {
      answers.push({ name, opened: await open(sealed, exchange, { registered, at: now }) });
    } catch (error) {
      return { outcome: "thrown", wrong: `${name} threw ${String(error)}` };
    }
  }
  const [first, ...others] = answers;
  if (first === undefined) return { outcome: "none", wrong: "there is no path" };
  const outcome = shortOf(first.opened);
  for (const { name, opened } of others) {
    if (isDeepStrictEqual(said(opened), said(first.opened))) continue;
    if (isException(bent, outcome, shortOf(opened), isVersion2(sealed))) continue;
    const wrong = `${first.name} says ${shortOf(first.opened)}, ${name} says ${shortOf(opened)}`;
    return { outcome, wrong };
  }
  const { opened } = first;
  if (opened.kind !== "opened") return { outcome, wrong: undefined };
  const isMeant = mayOpen.some(({ signer, text }) => {
    return signer === opened.signer && text === opened.text;
  });
  return { outcome, wrong: isMeant ? undefined : "opened to what nobody signed" };
}

/** The kind of an answer, or the name that the log or the customer sees. */
function shortOf(opened: Opened): string {
  if (opened.kind === "opened") return "opened";
  if (opened.kind === "refused") return opened.name;
  return opened.why.replace(/:.*$/s, "");
}

/** A message that was judged wrong, with all that is needed to open it again. */
export type Finding = {
  readonly seed: number;
  readonly index: number;
  readonly wrong: string;
  readonly bent: readonly string[];
  readonly mayOpen: Made["mayOpen"];
  readonly sealed: string;
  /** The exchange's test keys, armored. */
  readonly keys: readonly string[];
  readonly certificates: readonly string[];
};

/** Everything of a case as it is stored. */
export function findingOf(
  bench: Bench,
  made: Made,
  about: Pick<Finding, "seed" | "index" | "wrong">,
): Finding {
  const { key, v6 } = bench.exchange.keys;
  return {
    ...about,
    bent: made.bent,
    mayOpen: made.mayOpen,
    sealed: toHex(made.sealed),
    keys: [key, ...(v6 === undefined ? [] : [v6.key])].map((one) => one.armor()),
    certificates: bench.registered.map(({ certificate }) => toHex(certificate.binary)),
  };
}

/** Judges a stored case again. */
export async function replay(finding: Finding): Promise<Verdict> {
  const [first = "", second] = finding.keys;
  const keys = await readOperatingKeys(first, second);
  const at = time(keys.key.getCreationTime().getTime());
  const own = keys.key.toPublic().write();
  const read = await readExchangeCertificate(own, fingerprint(keys.fingerprint), at);
  if (!read.ok) throw new Error(`couldn't read the keys of a case: ${read.detail}`);
  const armoredKey = keys.v6?.key.toPublic().armor() ?? first;
  const registered = await Promise.all(
    finding.certificates.map(async (binary) => ({
      certificate: await readRegisteredCertificate(fromHex(binary) ?? new Uint8Array(0)),
    })),
  );
  const exchange = {
    keys,
    certificate: read.value,
    second: await readKey({ armoredKey, config: openpgpConfig }),
  };
  const sealed = fromHex(finding.sealed) ?? new Uint8Array(0);
  return judge({ exchange, registered }, { ...finding, sealed });
}
