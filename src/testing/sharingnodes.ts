/**
 * Members who share orders, for tests: real nodes on loopback, each with a folder and keys of its
 * own. Who reaches whom is told as pairs, since a node's port is known when it listens.
 */
import type { KeyObject } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { at } from "../codec/assert.ts";
import { toBase64, toHex } from "../codec/bytes.ts";
import type { Address } from "../codec/ethereum.ts";
import { time } from "../codec/time.ts";
import type { ChainNode } from "../chain/node.ts";
import { encodeNote, type Signer, verifierKey } from "../log/note.ts";
import { type Domain, orderHash } from "../ring/digest.ts";
import { printOrder } from "../ring/json.ts";
import { signDigest } from "../ring/signature.ts";
import { sealAuthKey } from "../seal/authkey.ts";
import { readCertificate } from "../seal/certificate.ts";
import { parseMembers } from "../sharing/members.ts";
import { type MinerParts, type SharingNode, startSharing } from "../sharing/node.ts";
import { parseSettings } from "../sharing/settings.ts";
import { testKey, testSigner } from "./publisher.ts";
import type { Offer } from "./ringminer.ts";

/** What may differ from one test to another. */
export type SharingWorldOptions = {
  readonly domain: Domain;
  readonly names: readonly string[];
  /** Who has whose URL; all if not given. */
  readonly reach?: (from: string, to: string) => boolean;
  /** More lines of `miner.conf`, of all. */
  readonly settings?: readonly string[];
  /** More lines of `members.conf`, of all. */
  readonly members?: readonly string[];
};

/** Nodes `names`, all in room `bourse`. */
export class SharingWorld {
  readonly domain: Domain;
  readonly #options: SharingWorldOptions;
  readonly #dir = mkdtempSync(join(tmpdir(), "sharing-"));
  readonly #ports = new Map<string, number>();
  readonly #running = new Map<string, SharingNode>();
  readonly said: string[] = [];

  constructor(options: SharingWorldOptions) {
    this.domain = options.domain;
    this.#options = options;
  }

  /** Finds a free port for everybody. */
  async prepare(): Promise<void> {
    for (const name of this.#options.names) this.#ports.set(name, await freePort());
  }

  keyOf(name: string): KeyObject {
    return testKey(1 + this.#options.names.indexOf(name));
  }

  signerOf(name: string): Signer {
    return testSigner(name, this.keyOf(name));
  }

  urlOf(name: string): string {
    return `http://127.0.0.1:${this.#ports.get(name)}`;
  }

  dirOf(name: string): string {
    return join(this.#dir, name);
  }

  membersFor(name: string): string {
    const { names, reach = () => true, members = [] } = this.#options;
    const lines = names.map((other) => {
      const url = reach(name, other) ? this.urlOf(other) : "-";
      return `member ${other} ${url} ${verifierKey(other, this.signerOf(other).publicKey)}`;
    });
    return [...lines, `room bourse ${names.join(" ")}`, ...members, ""].join("\n");
  }

  settingsFor(name: string): string {
    const { chainId, contract } = this.domain;
    return [
      `name ${name}`,
      `listen 127.0.0.1:${this.#ports.get(name)}`,
      `ring chain ${chainId} contract ${contract} round 0.05`,
      ...(this.#options.settings ?? []),
      "",
    ].join("\n");
  }

  async start(
    name: string,
    parts: { readonly chain?: ChainNode; readonly miner?: MinerParts } = {},
  ): Promise<SharingNode> {
    const [settings, membership] = [
      parseSettings(this.settingsFor(name)),
      parseMembers(this.membersFor(name)),
    ];
    if (!settings.ok || !membership.ok) throw new Error("couldn't read a test's own configuration");
    const node = await startSharing({
      dir: this.dirOf(name),
      settings: settings.value,
      membership: membership.value,
      memberKey: this.keyOf(name),
      chain: parts.chain,
      miner: parts.miner,
      say: (sentence) => this.said.push(`${name}: ${sentence}`),
    });
    this.#running.set(name, node);
    return node;
  }

  async startAll(): Promise<readonly SharingNode[]> {
    const nodes: SharingNode[] = [];
    for (const name of this.#options.names) nodes.push(await this.start(name));
    return nodes;
  }

  async stop(name: string): Promise<void> {
    await this.#running.get(name)?.close();
    this.#running.delete(name);
  }

  async remove(): Promise<void> {
    for (const name of this.#running.keys()) await this.stop(name);
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** What a node answered. */
export type Heard = { readonly status: number; readonly json: Record<string, unknown> };

/** Once more if a connection was kept alive to a node that has been started anew since. */
async function reach(url: string, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch {
    return fetch(url, init);
  }
}

async function heard(response: Response): Promise<Heard> {
  return { status: response.status, json: (await response.json()) as Record<string, unknown> };
}

export async function ask(url: string, path: string): Promise<Heard> {
  return heard(await reach(url + path));
}

/** Posts a member's note; gives the refusal's name, or the state. */
export async function postNote(url: string, note: string | Uint8Array): Promise<string> {
  const bytes = typeof note === "string" ? encodeNote(note) : note;
  const answer = await heard(
    await reach(`${url}/v1/shared`, { method: "POST", body: new Uint8Array(bytes) }),
  );
  return String(answer.json["code"] ?? answer.json["state"]);
}

/** Posts an order as a wallet would. */
export async function postOrder(
  url: string,
  given: Readonly<Record<string, unknown>>,
): Promise<Heard> {
  const body = JSON.stringify(given);
  return heard(await reach(`${url}/v1/orders`, { method: "POST", body }));
}

/** An offer as its owner gives it to a node, without an auth key. */
export function signedOrder(
  domain: Domain,
  { order, owner }: Offer,
): { readonly order: unknown; readonly signature: string } {
  const signature = signDigest(orderHash(domain, order), owner.key);
  return { order: JSON.parse(printOrder(order)), signature: `0x${toHex(signature)}` };
}

/** The offer's auth key, sealed to these certificates. */
export async function sealedAuth(
  { auth }: Offer,
  certificates: readonly Uint8Array[],
): Promise<string> {
  const to = await Promise.all(
    certificates.map(async (binary) => {
      const read = await readCertificate(binary, time(Date.now()));
      if (!read.ok) throw new Error(`couldn't read a test's certificate: ${read.detail}`);
      return read.value;
    }),
  );
  return toBase64(await sealAuthKey(auth.key, to));
}

/** Waits until it is so. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 1500; i += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("it never came about");
}

/** Tokens of tests that have no chain. */
const paperTokens: readonly Address[] = [1, 2, 3].map((byte) => {
  return `0x${String(byte).repeat(40)}` as Address;
});

/** One of `paperTokens`. */
export function paper(index: number): Address {
  return at(paperTokens, index);
}
