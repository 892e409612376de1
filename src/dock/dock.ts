/**
 * The dock: the only thing that stands between relays and the airlock (docs/spec/airlock.md). It
 * asks relays for letters and puts them into `in/`; it takes publications from `out/` and brings
 * them to every relay. It holds no key that opens or moves anything and opens no port.
 *
 *   spool/          letters on their way in, durable before a relay's cursor moves
 *   publications/   what the island said, durable before it is acknowledged
 *
 * Each relay has a loop for each direction; one that fails is tried again and delays nobody (P6).
 * One that is far behind is handed what another relay has, each byte checked (catchup.ts).
 */
import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { openDirectory } from "../airlock/directory.ts";
import { checkpointName, signer, verifier } from "../airlock/lane.ts";
import { Receiver } from "../airlock/receive.ts";
import { Sender } from "../airlock/send.ts";
import { watchDirectory } from "../airlock/watch.ts";
import { assert, at } from "../codec/assert.ts";
import type { Fingerprint } from "../codec/names.ts";
import { time, type Time } from "../codec/time.ts";
import { encodeNote, parseVerifierKey } from "../log/note.ts";
import { decodePublication } from "../log/publication.ts";
import { readIfPresent, writeDurably } from "../store/durable.ts";
import { openSegments, type Segments } from "../store/segments.ts";
import { behindMaxDefault, Jumper, NewestSnapshot } from "./catchup.ts";
import { collectOnce, type Collector, type Good } from "./collect.ts";
import { RelayLink } from "./link.ts";
import { Bell } from "../airlock/bell.ts";
import { Publications } from "./publications.ts";
import { Publishing } from "./publish.ts";
import { Recent } from "./recent.ts";
import { Room } from "./room.ts";
import { DockToll, SpentTickets } from "./toll.ts";

const epoch = 1;
const letterKind = new Uint8Array([1]);
/** Letters that may lie in the airlock unread, of all relays, before one is left waiting. */
const roomMax = 10_000;
const retryMs = { first: 200, most: 10_000 } as const;

export type DockOptions = {
  readonly dir: string;
  /** The folder of `in/` and `out/`. */
  readonly airlock: string;
  readonly lane: string;
  /** Signs this dock's bundles and acknowledgements. */
  readonly laneKey: KeyObject;
  /** The island's airlock key, 32 bytes. */
  readonly islandKey: Uint8Array;
  readonly exchange: Fingerprint;
  /** The exchange's log key, as a verifier key: it signs tickets. */
  readonly logKey: string;
  /** Signs requests to relays. */
  readonly relaysKey: KeyObject;
  readonly relays: readonly { readonly name: string; readonly url: string }[];
  readonly say: (sentence: string) => void;
  /** A relay that lacks more publications than this is handed a snapshot, where not the usual. */
  readonly behindMax?: number;
};

export type Dock = { readonly close: () => Promise<void> };

export async function startDock(options: DockOptions): Promise<Dock> {
  const spool = await openSegments(join(options.dir, "spool"));
  const store = await openSegments(join(options.dir, "publications"));
  const publications = new Publications(store);
  const stop = new AbortController();
  const bells = options.relays.map(() => ({ published: new Bell(), room: new Bell() }));
  const sender = openSender(options, spool);
  const receiver = openReceiver(options, publications);
  const inwardParts = { options, spool, sender, recent: new Recent(), spent: new SpentTickets() };
  const inward = watchDirectory(join(options.airlock, "in"), () => {
    sender.kick();
    for (const { room } of bells) room.ring();
  });
  const ring = (): void => {
    for (const { published } of bells) published.ring();
  };
  const show = (publication: Uint8Array | undefined): void => showCheckpoint(options, publication);
  if (publications.last > 0) show(publications.get(publications.last));
  let taking = Promise.resolve();
  const outward = watchDirectory(join(options.airlock, "out"), () => {
    sender.kick();
    taking = taking.then(() => take(receiver, publications, { show, ring }));
  });
  const links = options.relays.map((relay) => {
    return new RelayLink(relay, options.relaysKey, stop.signal);
  });
  const newest = new NewestSnapshot(publications);
  const loops = links.flatMap((link, i) => {
    const { published, room } = at(bells, i);
    const collector = makeCollector(inwardParts, link, { room, stop: stop.signal });
    const sources = links.filter((other) => other !== link);
    const { say, behindMax = behindMaxDefault } = options;
    const jumper = new Jumper({ link, sources, publications, newest, behindMax, say });
    const publishing = new Publishing(link, publications, (watermark) => jumper.jump(watermark));
    return [
      repeat(stop.signal, options, `collect from ${link.name}`, () => collectOnce(collector)),
      repeat(stop.signal, options, `publish to ${link.name}`, async () => {
        if (!(await publishing.step())) await published.heard();
      }),
    ];
  });
  return {
    async close() {
      stop.abort();
      inward.close();
      outward.close();
      for (const { published, room } of bells) {
        published.ring();
        room.ring();
      }
      await Promise.all(loops);
      await taking;
      await spool.close();
      await store.close();
    },
  };
}

/** What letters pass on their way in, whoever brings them. */
type InwardParts = {
  readonly options: DockOptions;
  readonly spool: Segments;
  readonly sender: Sender;
  readonly recent: Recent;
  readonly spent: SpentTickets;
};

function makeCollector(
  { options, spool, sender, recent, spent }: InwardParts,
  link: RelayLink,
  wait: { readonly room: Bell; readonly stop: AbortSignal },
): Collector {
  const own = new Room(Math.max(1, Math.floor(roomMax / options.relays.length)));
  // Whose the letters are that lay here before the start, nobody knows any more.
  own.add({ last: spool.last, count: spool.last + 1 - sender.acked });
  const log = parseVerifierKey(options.logKey);
  assert(log !== undefined, "the log key is a verifier key");
  const toll = new DockToll(options.exchange, log.publicKey, spent);
  let isTold = false;
  return {
    link,
    cursorFile: join(options.dir, `${link.name}.cursor`),
    async take(letters: readonly Good[]) {
      const fresh = letters.filter(({ letter }) => recent.isNew(letter));
      if (fresh.length === 0) return;
      const payloads = fresh.map(({ letter }) => Buffer.concat([letterKind, letter]));
      const last = await spool.append(payloads);
      const { weight, unpaid } = toll.weigh(fresh, clock());
      own.add({ last, count: weight });
      if (unpaid > 0 && !isTold) options.say(`dock: ${link.name} takes letters without postage`);
      isTold = unpaid > 0;
      for (const { letter } of fresh) recent.remember(letter);
      sender.kick();
    },
    async room() {
      while (!wait.stop.aborted && own.isFull(sender.acked)) await wait.room.heard();
    },
    price: () => toll.price(own.count(sender.acked), clock()),
  };
}

function clock(): Time {
  return time(Date.now());
}

/** Runs `work` until stopped; a failure is said once and tried again, ever slower. */
async function repeat(
  stop: AbortSignal,
  { say }: DockOptions,
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  let waitMs: number = retryMs.first;
  while (!stop.aborted) {
    try {
      await work();
      if (waitMs > retryMs.first) say(`dock: ${what}: again`);
      waitMs = retryMs.first;
    } catch (error) {
      if (stop.aborted) return;
      if (waitMs === retryMs.first) say(`dock: ${what}: ${reason(error)}; trying again`);
      await sleep(waitMs, undefined, { signal: stop }).catch(() => undefined);
      waitMs = Math.min(waitMs * 2, retryMs.most);
    }
  }
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return error.message + cause;
}

function openSender(options: DockOptions, spool: Segments): Sender {
  const file = join(options.dir, `${options.lane}.sent`);
  return new Sender({
    lane: options.lane,
    epoch,
    *read(from, max) {
      const last = Math.min(spool.last, from + max - 1);
      for (let number = from; number <= last; number += 1) yield spool.get(number);
    },
    bundles: openDirectory(join(options.airlock, "in")),
    acks: openDirectory(join(options.airlock, "out")),
    load: () => readIfPresent(file),
    save: (bytes) => writeDurably(file, bytes),
    sign: signer(options.laneKey),
    verify: verifier(options.islandKey),
    clock: () => Date.now(),
    onFork: (detail) => options.say(`ALARM: the lane to the island stopped: ${detail}`),
  });
}

function openReceiver(options: DockOptions, publications: Publications): Receiver {
  return new Receiver({
    lane: `${options.lane}-out`,
    epoch,
    from: publications.position,
    bundles: openDirectory(join(options.airlock, "out")),
    acks: openDirectory(join(options.airlock, "in")),
    verify: verifier(options.islandKey),
    sign: signer(options.laneKey),
    clock: () => time(Date.now()),
    onFork: (detail) => options.say(`ALARM: the lane from the island stopped: ${detail}`),
  });
}

/**
 * Puts the newest checkpoint into `in/`. The island compares it with its own log when it starts: an
 * older copy of it must not go on.
 */
function showCheckpoint(options: DockOptions, publication: Uint8Array | undefined): void {
  const decoded = publication === undefined ? undefined : decodePublication(publication);
  if (decoded?.ok !== true) return;
  const note = encodeNote(decoded.value.checkpoint);
  openDirectory(join(options.airlock, "in")).put(checkpointName(options.lane), note);
}

/** Takes publications that came, makes them durable, then acknowledges. */
async function take(
  receiver: Receiver,
  publications: Publications,
  { show, ring }: { show: (publication: Uint8Array | undefined) => void; ring: () => void },
): Promise<void> {
  for (;;) {
    const { payloads, position } = receiver.poll();
    if (payloads.length === 0) return;
    await publications.append(payloads);
    receiver.acknowledge(position);
    show(payloads.at(-1));
    ring();
  }
}
