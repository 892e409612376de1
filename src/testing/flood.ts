/**
 * Letters thrown at a relay by an open loop: at each moment so many as are due, whatever came back,
 * over many connections with one request on its way on each. What finds all of them busy was
 * offered all the same: that is what a full relay does to those who flood it.
 */
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import type { Posted } from "../wallet/client.ts";
import { Payer } from "../wallet/postage.ts";
import { refOf } from "./relayworld.ts";

export type FloodOptions = {
  /** `http://HOST:PORT`. */
  readonly address: string;
  readonly connections: number;
  /** Addresses of this machine that the connections come from, in turn. */
  readonly sources: readonly string[];
  /** Requests a second. */
  readonly rate: number;
  readonly over: AbortSignal;
  /** The bytes of the next request. */
  readonly next: () => Uint8Array;
  /** Shown each answer, head and body, a character for a byte. */
  readonly onAnswer?: (answer: string) => void;
};

/** What became of a flood; `byStatus` counts the answers. */
export type Flooded = {
  readonly offered: number;
  readonly sent: number;
  readonly byStatus: ReadonlyMap<string, number>;
  readonly closed: number;
};

/** A letter as a request. */
export function postRequest(letter: Uint8Array, postage?: string): Uint8Array {
  const lines = [
    "POST /v1/letters HTTP/1.1",
    "host: relay",
    "content-type: application/octet-stream",
    `content-length: ${letter.length}`,
    ...(postage === undefined ? [] : [`postage: ${postage}`]),
  ];
  return Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), letter]);
}

/** Posts a letter as an honest program does: asked for postage, it pays and posts again. */
export function postPaid(address: string, sealed: Uint8Array): Promise<Posted> {
  return new Payer({ ref: refOf(sealed), sealed }, undefined).post(address, undefined);
}

const turnMs = 5;

/** Floods until `over`. */
export async function flood(options: FloodOptions): Promise<Flooded> {
  const { address, connections, sources, rate, over, next, onAnswer } = options;
  const port = Number(new URL(address).port);
  const byStatus = new Map<string, number>();
  const idle: Socket[] = [];
  let [offered, sent, closed] = [0, 0, 0];
  const open = (index: number): void => {
    if (over.aborted) return;
    const localAddress = sources[index % sources.length] ?? "127.0.0.1";
    const socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
    let text = "";
    socket.on("connect", () => idle.push(socket));
    socket.on("data", (part) => {
      text += part.toString("latin1");
      if (!isWhole(text)) return;
      const status = text.slice(9, 12);
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
      onAnswer?.(text);
      text = "";
      idle.push(socket);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      closed += 1;
      const at = idle.indexOf(socket);
      if (at >= 0) idle.splice(at, 1);
      setTimeout(open, 50, index);
    });
    over.addEventListener("abort", () => socket.destroy());
  };
  for (let index = 0; index < connections; index += 1) open(index);
  const started = performance.now();
  while (!over.aborted) {
    const due = Math.floor(((performance.now() - started) * rate) / 1000);
    for (; offered < due; offered += 1) {
      const socket = idle.shift();
      if (socket === undefined) continue;
      socket.write(next());
      sent += 1;
    }
    await sleep(turnMs);
  }
  return { offered, sent, byStatus, closed };
}

function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end < 0) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
  return text.length >= end + 4 + Number(length ?? "0");
}
