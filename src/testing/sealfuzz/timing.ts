/**
 * Whether the time of an answer tells why a letter did not open. Classes of broken letters are
 * opened in turn, so that whatever else the machine does hits them alike; their times are compared
 * pair by pair (Welch's t over times without the slowest tenth).
 *
 *   changed  what somebody can do to a letter that he cannot read: to its session key, to its data.
 *            A difference here would be an oracle for him
 *   made     what its maker can do, who knows all that is inside anyway
 */
import { openByPath } from "../../seal/fast/paths.ts";
import { openLetter } from "../../seal/open.ts";
import {
  content,
  literal,
  newCustomer,
  newExchange,
  now,
  sealFor,
  text,
} from "../../seal/attacks/forge.ts";
import { message, targetOf } from "../../seal/attacks/wire.ts";

type Class = {
  readonly name: string;
  readonly kind: "changed" | "made";
  readonly make: () => Uint8Array;
};

/** Opens for so many seconds and says what differs. */
export async function compareTimes(options: {
  readonly seconds: number;
  readonly say: (sentence: string) => void;
}): Promise<void> {
  const { seconds, say } = options;
  for (const [path, open] of [
    ["fast", openByPath],
    ["reference", openLetter],
  ] as const) {
    const { classes, asked } = await stage();
    const times = classes.map((): number[] => []);
    const started = performance.now();
    while (performance.now() - started < (seconds * 1000) / 2) {
      for (const [i, { make }] of classes.entries()) {
        const sealed = make();
        const began = process.hrtime.bigint();
        const opened = await open(sealed, asked);
        times[i]?.push(Number(process.hrtime.bigint() - began) / 1000);
        if (opened.kind !== "unopenable") throw new Error("couldn't break a letter");
      }
    }
    report(path, classes, times.map(trimmed), say);
  }
}

async function stage() {
  const [exchange, alice] = [await newExchange(now), await newCustomer("Alice", 1)];
  const stranger = await newCustomer("Bob", 2);
  const target = targetOf(exchange.certificate.key);
  const good = content({ by: alice.key });
  const fresh = (inside: Uint8Array): Uint8Array => message(inside, target);
  const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, (bytes[at] ?? 0) ^ 1);
  // Session key: two octets of head, ten of its own, two of a count, then the point and the rest.
  const changed = (at: (length: number) => number) => (): Uint8Array => {
    const sealed = fresh(good);
    return flip(sealed, at(sealed.length));
  };
  const made = (inside: Uint8Array) => (): Uint8Array => fresh(inside);
  const lying = (lies: Parameters<typeof message>[2]) => (): Uint8Array =>
    message(good, target, lies);
  const classes: readonly Class[] = [
    { name: "the sender's point", kind: "changed", make: changed(() => 20) },
    { name: "the wrapped key's start", kind: "changed", make: changed(() => 52) },
    { name: "the wrapped key's end", kind: "changed", make: changed(() => 94) },
    { name: "the data's start", kind: "changed", make: changed(() => 105) },
    { name: "the data's repeated octets", kind: "changed", make: changed(() => 115) },
    { name: "the data's middle", kind: "changed", make: changed((length) => length - 120) },
    { name: "the data's code", kind: "changed", make: changed((length) => length - 5) },
    { name: "checksum", kind: "made", make: lying({ wrap: { checksum: (sum) => sum + 1 } }) },
    {
      name: "padding",
      kind: "made",
      make: lying({ wrap: { padded: (plain) => plain.with(39, 9) } }),
    },
    { name: "not packets", kind: "made", make: made(new Uint8Array(300)) },
    { name: "nothing signs", kind: "made", make: made(literal(text)) },
    { name: "a stranger", kind: "made", make: made(content({ by: stranger.key })) },
    { name: "a wrong signature", kind: "made", make: made(flip(good, 30)) },
    { name: "a weak hash", kind: "made", make: made(content({ by: alice.key, hash: "sha1" })) },
  ];
  const { certificate } = alice;
  const asked = {
    keys: exchange.keys,
    at: now,
    certificateOf: (keyId: string) =>
      certificate.keyIds.includes(keyId) ? certificate : undefined,
    registrationIn: () => undefined,
  };
  await openByPath(await sealFor(good, [exchange.certificate.key]), asked);
  return { classes, asked };
}

/** Without the slowest tenth, which is the machine's. */
function trimmed(times: readonly number[]): readonly number[] {
  return times.toSorted((a, b) => a - b).slice(0, Math.ceil(times.length * 0.9));
}

type Stats = { readonly mean: number; readonly error: number };

function statsOf(times: readonly number[]): Stats {
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  const variance = times.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (times.length - 1);
  return { mean, error: variance / times.length };
}

function report(
  path: string,
  classes: readonly Class[],
  times: readonly (readonly number[])[],
  say: (sentence: string) => void,
): void {
  const stats = times.map(statsOf);
  say(`${path} path, ${times[0]?.length ?? 0} of each, mean µs ± standard error`);
  for (const [i, { name, kind }] of classes.entries()) {
    const { mean = 0, error = 0 } = stats[i] ?? {};
    const figure = `${mean.toFixed(1).padStart(8)} ± ${Math.sqrt(error).toFixed(1)}`;
    say(`  ${kind.padEnd(8)}${name.padEnd(28)}${figure}`);
  }
  for (const kind of ["changed", "made"] as const) {
    let [most, sentence] = [-1, "nothing"];
    for (const [i, a] of classes.entries()) {
      for (const [j, b] of classes.entries()) {
        const [one, other] = [stats[i], stats[j]];
        if (j <= i || a.kind !== kind || b.kind !== kind || !one || !other) continue;
        const difference = Math.abs(one.mean - other.mean);
        if (difference <= most) continue;
        most = difference;
        const t = difference / Math.sqrt(one.error + other.error);
        sentence = `${difference.toFixed(1)} µs (t = ${t.toFixed(1)}): ${a.name} against ${b.name}`;
      }
    }
    say(`  largest difference among the ${kind}: ${sentence}`);
  }
}
