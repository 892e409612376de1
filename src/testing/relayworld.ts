/**
 * A real relay on loopback in a temporary folder, and everything around it that a test needs: the
 * exchange that publishes, the dock's key, letters, and the bodies and values of relay.http.txt.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ref, tag, type Ref } from "../codec/names.ts";
import { time } from "../codec/time.ts";
import { armor } from "../letter/armor.ts";
import { readEnvelope } from "../letter/envelope.ts";
import { verifierKey } from "../log/note.ts";
import { startRelay, type Relay, type RelayOptions } from "../relay/server.ts";
import { Publisher, rawPublicKey, testKey } from "./publisher.ts";
import { sealedLetter } from "./sealed.ts";
import { dockSignature, type Stage } from "./transcript.ts";

const exchange = "49979888511191774776929750563049979888ab";
const dockKey = testKey(9);
/** The mailbox of the transcript. */
const mailbox = tag("7a9b".repeat(16));

/** Options of a relay over `dir`. */
export function relayOptions(dir: string): RelayOptions {
  const { exchange: fingerprint, log } = new Publisher(exchange, testKey(1));
  return {
    dir,
    name: "alder",
    host: "127.0.0.1",
    port: 0,
    exchange: fingerprint,
    logKey: verifierKey(log.name, log.publicKey),
    dockKey: rawPublicKey(dockKey),
    key: testKey(3),
    origin: "http://alder.example",
  };
}

/** The ref of a letter that has one. */
export function refOf(letter: Uint8Array): Ref {
  const envelope = readEnvelope(letter);
  if (!envelope.ok) throw new Error(`couldn't read a test letter: ${envelope.name}`);
  return envelope.value.ref;
}

export class RelayWorld {
  readonly publisher: Publisher = new Publisher(exchange, testKey(1));
  readonly dir: string;
  relay: Relay;

  private constructor(dir: string, relay: Relay) {
    this.dir = dir;
    this.relay = relay;
  }

  static async start(): Promise<RelayWorld> {
    const dir = mkdtempSync(join(tmpdir(), "signet-relay-"));
    return new RelayWorld(dir, await startRelay(relayOptions(dir)));
  }

  /** Stops the relay and starts it again over the same folder, which `change` may change. */
  async restart(change?: () => void): Promise<void> {
    await this.relay.close();
    change?.();
    this.relay = await startRelay(relayOptions(this.dir));
  }

  async close(): Promise<void> {
    await this.relay.close();
    rmSync(this.dir, { recursive: true });
  }

  /** Puts a publication as the dock does. */
  async put(number: number, bytes: Uint8Array): Promise<{ status: number; code: string }> {
    const path = `/v1/dock/publications/${number}`;
    const response = await fetch(this.relay.address + path, {
      method: "PUT",
      headers: { "signet-dock": this.signature("PUT", path) },
      body: new Uint8Array(bytes),
    });
    const { code } = (await response.json()) as { code?: string };
    return { status: response.status, code: code ?? "" };
  }

  signature(method: string, path: string, at: string = new Date().toISOString()): string {
    return dockSignature(dockKey, method, path, at);
  }

  post(letter: Uint8Array | string, query = ""): Promise<Response> {
    const body = typeof letter === "string" ? letter : new Uint8Array(letter);
    return fetch(`${this.relay.address}/v1/letters${query}`, { method: "POST", body });
  }

  get(path: string): Promise<Response> {
    return fetch(this.relay.address + path);
  }

  /** What relay.http.txt is run with. */
  stage(address: string = this.relay.address): Stage {
    const [letter, other, lost] = ["one", "two", "lost"].map((seed) => sealedLetter(seed));
    if (letter === undefined || other === undefined || lost === undefined) {
      throw new Error("couldn't make three letters");
    }
    const [reply, mail] = [sealedLetter("reply", 1500), sealedLetter("mail", 1500)];
    const armored = armor(letter);
    const form = `ignored=1&msg=${encodeURIComponent(armored)}`;
    const boundary = "----boundary7";
    const part = `--${boundary}\r\nContent-Disposition: form-data; name="msg"\r\n\r\n${armored}`;
    const publications = this.#publications(refOf(letter), refOf(lost), { reply, mail });
    const texts = { armored, form, multipart: `${part}\r\n--${boundary}--\r\n` };
    const binary = { letter, other, lost, reply, mail, large: new Uint8Array(500_000) };
    const mangled = sealedLetter("one", 500, "other keys");
    return {
      address,
      dockKey,
      bodies: new Map<string, Uint8Array>([
        ...Object.entries(binary),
        ...Object.entries(texts).map(([name, text]) => [name, Buffer.from(text)] as const),
        ...publications.map((bytes, index) => [`publication${index + 1}`, bytes] as const),
        ["mangled", mangled],
        ["armoredReply", Buffer.from(armor(reply))],
        ["sealedTwice", Buffer.concat([letter, letter])],
      ]),
      values: new Map([
        ["ref", refOf(letter)],
        ["short", (refOf(letter).slice(0, 20).match(/.{4}/g) ?? []).join("-")],
        ["lost", refOf(lost)],
        ["unknown", ref("00".repeat(32))],
        ["tag", mailbox],
      ]),
    };
  }

  #publications(
    answered: Ref,
    lost: Ref,
    sealed: { readonly reply: Uint8Array; readonly mail: Uint8Array },
  ): readonly Uint8Array[] {
    const at = time(1_795_262_370_402);
    const card =
      "-----BEGIN PGP SIGNED MESSAGE-----\n\nsignet-card/1\n-----END PGP SIGNATURE-----\n";
    const key =
      "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n";
    return [
      this.publisher.publish({
        leaves: [
          "MARKET|GLD/BTC|1|100|1|5|10000000|1|1000000|0|2000|1|8",
          "TICK|2026-11-21T11:59:30.402Z",
        ],
        card: card + key,
      }),
      this.publisher.publish({
        leaves: [
          "TRADE|1|GLD/BTC|400|4210|2026-11-21T11:59:31.000Z|buy",
          "LEVEL|GLD/BTC|sell|4215|800",
          "LEVEL|GLD/BTC|buy|4205|30",
        ],
        replies: [{ ref: answered, sealed: sealed.reply }],
        mail: [{ tag: mailbox, index: 0, sealed: sealed.mail }],
      }),
      this.publisher.publish({ unopenable: { at, refs: [lost] } }),
    ];
  }
}
