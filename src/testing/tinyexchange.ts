/**
 * An exchange and its relays small enough to lie on demand: real keys, real seals, real HTTP on
 * loopback, and behind them a dozen lines instead of an engine. It answers every letter with the
 * records that the test chooses, in a chain of reports of its own. Each relay can be told to forge,
 * withhold or swap.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { assert } from "../codec/assert.ts";
import { fromBase64, toBase64 } from "../codec/bytes.ts";
import {
  isHex64,
  ref,
  type Digest,
  type Fingerprint,
  type OrderId,
  type Ref,
} from "../codec/names.ts";
import { keyNumber } from "../codec/keynumber.ts";
import { time } from "../codec/time.ts";
import { printCard, type CardRing } from "../letter/card.ts";
import type { Line } from "../letter/command.ts";
import type { Entry } from "../letter/entry.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { orderIdOf } from "../letter/orderid.ts";
import { parseLetter, registrationIn } from "../letter/parse.ts";
import { mailboxOf, noReport, printReport, reportHash, type Answers } from "../letter/report.ts";
import { verifierKey } from "../log/note.ts";
import { printReceipt } from "../log/receipt.ts";
import { clearSign } from "../seal/card.ts";
import { readCertificate, type Certificate } from "../seal/certificate.ts";
import { makeExchangeKeys, readOperatingKeys, type OperatingKeys } from "../seal/keys.ts";
import { openLetter } from "../seal/open.ts";
import { sealReport } from "../seal/seal.ts";
import { goldCard } from "./gold.ts";
import { rawPublicKey, testKey, testSigner } from "./publisher.ts";

/** Entries in one answer with mail. */
const mailPage = 2;

/** How a relay misbehaves; nothing said, it does not. */
export type Manners = {
  receipt?: "forged" | "silent" | "busy";
  reply?: "garbage" | "by a stranger" | "to another letter" | "never" | "drop by drop";
  mail?: "garbage" | "none" | "somebody else's";
  /** What it gives as the proof of what was read, for that ref; nothing: it has none. */
  proof?: (ref: Ref) => string;
};

type Account = {
  readonly certificate: Certificate;
  readonly texts: string[];
  readonly mail: Uint8Array[];
  readonly secret: string;
  previous: Digest;
};

/** A letter as it was read. */
export type Read = { readonly account: Fingerprint; readonly lines: readonly Line[] };

/** An exchange with `relays` relays. */
export class TinyExchange {
  readonly manners: Manners[] = [];
  /** Every body that was posted, with the relay that took it. */
  readonly posted: { readonly relay: number; readonly ref: Ref; readonly bytes: Uint8Array }[] = [];
  /** What a letter is answered with; `undefined`: not at all. */
  decide: (read: Read) => readonly Entry[] | undefined = ({ lines }) =>
    lines.map(({ number, verb, id, tag }) => ({ kind: "done", line: number, verb, id, tag }));

  /** What the relays show of the ring venue, by the last word of its address. */
  readonly ringPages: Record<string, unknown> = {};

  readonly #servers: Server[] = [];
  readonly #accounts = new Map<Fingerprint, Account>();
  readonly #answers = new Map<OrderId, Uint8Array>();
  readonly #replies = new Map<Ref, { readonly to: Account; readonly sealed: Uint8Array }>();
  /** Letters are read one after the other, as an engine does. */
  #turn: Promise<void> = Promise.resolve();
  #keys: OperatingKeys | undefined;
  #stranger: OperatingKeys | undefined;
  #card = "";
  #ring: CardRing | undefined;
  #certificate = "";

  /** Makes keys and starts to listen; with a ring venue on its card, if one is given. */
  static async create(relays: number, ring?: CardRing): Promise<TinyExchange> {
    const exchange = new TinyExchange();
    exchange.#ring = ring;
    const made = await makeExchangeKeys({ at: time(Date.now() - 60_000) });
    const other = await makeExchangeKeys({ at: time(Date.now() - 60_000) });
    exchange.#keys = await readOperatingKeys(made.operatingSecret);
    exchange.#stranger = await readOperatingKeys(other.operatingSecret);
    exchange.#certificate = made.certificate;
    for (let index = 0; index < relays; index += 1) {
      exchange.manners.push({});
      const server = createServer((request, response) => {
        void exchange.#serve(index, request, response);
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      exchange.#servers.push(server);
    }
    exchange.#card = await exchange.#makeCard();
    return exchange;
  }

  /** The relays' addresses. */
  get urls(): readonly string[] {
    return this.#servers.map((server) => {
      const address = server.address();
      assert(typeof address === "object" && address !== null, "the relay listens");
      return `http://127.0.0.1:${address.port}`;
    });
  }

  async close(): Promise<void> {
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  /**
   * Puts a report that answers nothing into the account's mail; with `lost` only into its chain.
   */
  async mail(to: Fingerprint, records: readonly Entry[], lost = false): Promise<void> {
    const account = this.#accountOf(to);
    const sealed = await this.#report(account, to, records, undefined);
    if (!lost) account.mail.push(sealed);
  }

  /** The chain of an account is changed behind its back: what an exchange that lies would do. */
  rewrite(to: Fingerprint): void {
    const account = this.#accountOf(to);
    account.texts.pop();
    account.previous = reportHash(account.texts.at(-1) ?? "");
  }

  #accountOf(name: Fingerprint): Account {
    const account = this.#accounts.get(name);
    assert(account !== undefined, "the account is registered");
    return account;
  }

  get #operating(): OperatingKeys {
    assert(this.#keys !== undefined, "the keys are made");
    return this.#keys;
  }

  async #makeCard(): Promise<string> {
    const { fingerprint } = this.#operating;
    const relays = this.urls.map((url, index) => {
      const key = verifierKey(`relay${index}`, rawPublicKey(testKey(50 + index)));
      return { name: `relay${index}`, url, key };
    });
    const card = printCard({
      ...goldCard,
      exchange: fingerprint,
      keyNumber: keyNumber(fingerprint),
      log: verifierKey(`signet.log/${fingerprint}`, rawPublicKey(testKey(1))),
      relays,
      ...(this.#ring === undefined ? {} : { ring: this.#ring }),
      at: time(Date.now()),
    });
    return clearSign(card, this.#operating, time(Date.now()));
  }

  async #serve(relay: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readAll(request);
    const url = new URL(request.url ?? "/", "http://relay");
    const [, , what, name, which] = url.pathname.split("/");
    if (request.method === "POST") {
      return this.#take(relay, { body, waits: url.searchParams.has("wait") }, response);
    }
    if (what === "exchange") {
      if (name !== undefined) {
        return void response.end(name === "card" ? this.#card : this.#certificate);
      }
      const fields = { card: this.#card, certificate: this.#certificate };
      return void response.end(JSON.stringify(fields));
    }
    if (what === "ring") return void response.end(JSON.stringify(this.ringPages[name ?? ""] ?? {}));
    if (what === "letters" && which === "reply") return this.#giveReply(relay, name, response);
    const ask = url.searchParams.get("ref") ?? "";
    const proof = what === "reads" && isHex64(ask) ? this.manners[relay]?.proof : undefined;
    if (proof !== undefined) return void response.end(proof(ref(ask)));
    if (what === "mailboxes") {
      return void response.end(JSON.stringify(this.#mailbox(relay, name ?? "", url)));
    }
    response.writeHead(404).end();
  }

  async #take(
    relay: number,
    { body, waits }: { readonly body: Uint8Array; readonly waits: boolean },
    response: ServerResponse,
  ): Promise<void> {
    const manners = this.manners[relay] ?? {};
    if (manners.receipt === "silent") return void response.destroy();
    if (manners.receipt === "busy") return void response.writeHead(503).end("{}");
    const envelope = readEnvelope(body);
    if (!envelope.ok) return void response.writeHead(400).end(`{"detail":"${envelope.name}"}`);
    const { ref, binary } = envelope.value;
    this.posted.push({ relay, ref, bytes: body });
    const key = testKey(manners.receipt === "forged" ? 99 : 50 + relay);
    const receipt = printReceipt(
      {
        exchange: this.#operating.fingerprint,
        ref,
        bytes: binary.length,
        number: this.posted.length,
        at: time(Date.now()),
        deliverBy: time(Date.now() + 60_000),
      },
      testSigner(`relay${relay}`, key),
    );
    this.#turn = this.#turn.then(() => this.#answer(ref, binary));
    await this.#turn;
    const waited = waits ? this.#replies.get(ref)?.sealed : undefined;
    if (waited !== undefined) return void response.end(Buffer.from(waited));
    response.writeHead(202).end(receipt);
  }

  async #answer(ref: Ref, binary: Uint8Array): Promise<void> {
    if (this.#replies.has(ref)) return;
    const opened = await openLetter(binary, {
      keys: this.#operating,
      at: time(Date.now()),
      certificateOf: (keyId) =>
        [...this.#accounts.values()].find(({ certificate }) => certificate.keyIds.includes(keyId))
          ?.certificate,
      registrationIn,
    });
    if (opened.kind !== "opened") return;
    const letter = parseLetter(opened.text, this.#operating.fingerprint);
    if (!letter.ok) return;
    await this.#register(opened.signer, opened.text);
    const account = this.#accountOf(opened.signer);
    const orderId = orderIdOf(opened.signer, opened.text);
    const first = this.#answers.get(orderId);
    const records = this.decide({ account: opened.signer, lines: letter.value.lines });
    if (records === undefined) return;
    const reply =
      first ??
      (await this.#report(
        account,
        opened.signer,
        this.#withReads(account, letter.value.lines, records),
        {
          orderId,
          ref,
          seq: letter.value.seq,
        },
      ));
    this.#answers.set(orderId, reply);
    this.#replies.set(ref, { to: account, sealed: reply });
  }

  async #register(signer: Fingerprint, text: string): Promise<void> {
    const bytes = registrationIn(text);
    if (bytes === undefined || this.#accounts.has(signer)) return;
    const certificate = await readCertificate(bytes, time(Date.now()));
    assert(certificate.ok, "the certificate is good");
    const secret = signer.padEnd(64, "0");
    this.#accounts.set(signer, {
      certificate: certificate.value,
      texts: [],
      mail: [],
      secret,
      previous: noReport,
    });
  }

  /** STAT and RESEND are answered truly; other lines as the test decided. */
  #withReads(
    account: Account,
    lines: readonly Line[],
    decided: readonly Entry[],
  ): readonly Entry[] {
    return lines.flatMap((line): readonly Entry[] => {
      const command = line.command.ok ? line.command.value : undefined;
      const mailbox: Entry = {
        kind: "mailbox",
        secret: account.secret,
        next: account.mail.length,
      };
      if (command?.kind === "register") return [mailbox];
      if (command?.kind === "stat") {
        const last: Entry = { kind: "last", report: account.texts.length, hash: account.previous };
        return [mailbox, { kind: "seq", thread: 0, highest: 7 }, last];
      }
      if (command?.kind === "resend") {
        return account.texts.slice(command.from - 1, command.to).map((text, index) => ({
          kind: "resent",
          report: command.from + index,
          text: toBase64(Buffer.from(text, "latin1")),
        }));
      }
      return decided.filter((entry) => !("line" in entry) || entry.line === line.number);
    });
  }

  async #report(
    account: Account,
    to: Fingerprint,
    records: readonly Entry[],
    answers: Answers | undefined,
  ): Promise<Uint8Array> {
    const common = { exchange: this.#operating.fingerprint, to, log: 1, at: time(Date.now()) };
    if (answers !== undefined && answers.seq === undefined) {
      return this.#seal(printReport({ kind: "answer", ...common, answers, records }), account);
    }
    const { previous } = account;
    const report = account.texts.length + 1;
    const head = { kind: "report", ...common, report, previous } as const;
    const text = printReport({ ...head, answers, records });
    account.texts.push(text);
    account.previous = reportHash(text);
    return this.#seal(text, account);
  }

  async #seal(text: string, account: Account): Promise<Uint8Array> {
    const at = time(Date.now());
    return sealReport(text, { keys: this.#operating, to: account.certificate, at });
  }

  async #giveReply(
    relay: number,
    name: string | undefined,
    response: ServerResponse,
  ): Promise<void> {
    const entry = [...this.#replies].find(([ref]) => ref === name);
    const lie = this.manners[relay]?.reply;
    if (entry === undefined || lie === "never") return void response.writeHead(404).end();
    if (lie === "garbage") return void response.end(Buffer.from("not a message"));
    if (lie === "drop by drop") {
      const dripping = setInterval(() => response.write("x"), 50);
      return void response.once("close", () => clearInterval(dripping));
    }
    const { to, sealed } = entry[1];
    if (lie === "to another letter") {
      const first = [...this.#replies.values()].find((reply) => reply.to === to);
      return void response.end(Buffer.from(first?.sealed ?? sealed));
    }
    if (lie === "by a stranger") {
      assert(this.#stranger !== undefined, "the keys are made");
      const by = { keys: this.#stranger, to: to.certificate, at: time(Date.now()) };
      return void response.end(Buffer.from(await sealReport(to.texts.at(-1) ?? "", by)));
    }
    response.end(Buffer.from(sealed));
  }

  #mailbox(relay: number, tag: string, url: URL): unknown {
    const after = Number(url.searchParams.get("after") ?? -1);
    const lie = this.manners[relay]?.mail;
    const account = [...this.#accounts.values()].find(
      ({ secret, mail }) =>
        (mailboxOf(secret, 0).tag === tag) === (lie !== "somebody else's") &&
        (lie !== "somebody else's" || mail.length > 0),
    );
    const entries = (lie === "none" ? [] : (account?.mail ?? [])).map((sealed, index) => ({
      index,
      sealed: lie === "garbage" ? toBase64(fromBase64("AAAA") ?? sealed) : toBase64(sealed),
    }));
    const above = entries.filter(({ index }) => index > after);
    return { tag, entries: above.slice(0, mailPage), more: above.length > mailPage };
  }
}

async function readAll(request: IncomingMessage): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part));
  return new Uint8Array(Buffer.concat(parts));
}
