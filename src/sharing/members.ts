/**
 * `members.conf` (docs/spec/sharing.md §1): who shares orders with whom. Plain lines, each a fact;
 * `#` begins a comment.
 *
 *   member NAME URL VERIFIER-KEY     `-` in place of the URL: known, but not reached from here
 *   room NAME MEMBER…                who is told what is told to the room
 *   miner MEMBER ADDRESS             the member mines by this address: notes to it go there
 *   address MEMBER ADDRESS           another address of the member, for the accounts
 */
import { type Address, parseAddress } from "../codec/ethereum.ts";
import { accept, refuse, type Verdict } from "../codec/verdict.ts";
import { parseVerifierKey, type Verifier } from "../log/note.ts";
import type { Members } from "../ring/statistics.ts";
import { isShareName } from "./message.ts";

export type Member = {
  readonly name: string;
  readonly url: string | undefined;
  readonly key: Verifier;
};

export type Membership = {
  readonly members: ReadonlyMap<string, Member>;
  readonly rooms: ReadonlyMap<string, ReadonlySet<string>>;
  /** Who mines by which address. */
  readonly miners: ReadonlyMap<Address, string>;
  /** Every address of every member. */
  readonly addresses: Members;
};

/** What every bucket and every queue is bounded by. */
const membersMax = 256;
const roomsMax = 64;

type Reading = {
  readonly members: Map<string, Member>;
  readonly rooms: Map<string, ReadonlySet<string>>;
  readonly miners: Map<Address, string>;
  readonly addresses: Map<Address, string>;
};

/** Reads the file; a refusal says which line is wrong. */
export function parseMembers(text: string): Verdict<Membership, "members_malformed"> {
  const reading: Reading = {
    members: new Map(),
    rooms: new Map(),
    miners: new Map(),
    addresses: new Map(),
  };
  for (const [i, line] of text.split("\n").entries()) {
    const words = line.replace(/#.*$/, "").split(/\s+/).filter(Boolean);
    const [kind, ...rest] = words;
    if (kind === undefined) continue;
    const fault = readLine(reading, kind, rest);
    if (fault !== undefined) return refuse("members_malformed", `line ${i + 1}: ${fault}`);
  }
  return accept(reading);
}

function readLine(reading: Reading, kind: string, words: readonly string[]): string | undefined {
  const [name = "", ...rest] = words;
  if (!isShareName(name)) return "a name is 1 to 28 of a-z, 0-9 and -";
  switch (kind) {
    case "member":
      return readMember(reading, name, rest);
    case "room":
      if (reading.rooms.has(name)) return `room ${name} stands there twice`;
      if (reading.rooms.size === roomsMax) return `more than ${roomsMax} rooms`;
      if (rest.length === 0) return "room NAME MEMBER…";
      for (const member of rest) if (!reading.members.has(member)) return unknown(member);
      reading.rooms.set(name, new Set(rest));
      return undefined;
    case "miner":
    case "address": {
      const address = parseAddress(rest[0] ?? "");
      if (address === undefined || rest.length > 1) return `${kind} MEMBER ADDRESS`;
      if (!reading.members.has(name)) return unknown(name);
      if (reading.addresses.has(address)) return `${address} stands there twice`;
      reading.addresses.set(address, name);
      if (kind === "miner") reading.miners.set(address, name);
      return undefined;
    }
    default:
      return "a line begins with member, room, miner or address";
  }
}

function unknown(member: string): string {
  return `no line before it names a member ${JSON.stringify(member.slice(0, 40))}`;
}

function readMember(reading: Reading, name: string, words: readonly string[]): string | undefined {
  const [url = "", keyText = ""] = words;
  if (words.length !== 2) return "member NAME URL VERIFIER-KEY";
  if (url !== "-" && !/^https?:\/\/[^/?#@]+\/?$/.test(url)) return "the URL is http://HOST:PORT";
  const key = parseVerifierKey(keyText);
  if (key?.name !== name) return `no verifier key of ${name}`;
  if (reading.members.has(name)) return `member ${name} stands there twice`;
  if (reading.members.size === membersMax) return `more than ${membersMax} members`;
  const reach = url === "-" ? undefined : url.replace(/\/$/, "");
  reading.members.set(name, { name, url: reach, key });
  return undefined;
}

/** Whether the member is in the room. */
export function isInRoom({ rooms }: Membership, room: string, member: string): boolean {
  return rooms.get(room)?.has(member) === true;
}
