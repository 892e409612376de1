/**
 * OpenPGP.js as somebody else's program: with its own configuration, not ours (peertools.ts). It is
 * the only one of the tools that knows version 6 and the new algorithms.
 */
import {
  config,
  createMessage,
  decrypt,
  encrypt,
  enums,
  generateKey,
  readKey,
  readMessage,
  readPrivateKey,
  type Config,
} from "openpgp";
import type { PeerKey, PeerTool, Sealing } from "./peertools.ts";

const modes: ReadonlyMap<string, enums.aead> = new Map([
  ["OCB", enums.aead.ocb],
  ["GCM", enums.aead.gcm],
]);
const forms = new Set(["binary", "text", "armored", "large", "hidden", "unsigned", "SHA-256"]);

export class OpenpgpJs implements PeerTool {
  readonly name = "OpenPGP.js";

  version(): string {
    return /[\d.]+$/.exec(config.versionString)?.[0] ?? "";
  }

  async ownKey(): Promise<string> {
    const made = await generateKey({ userIDs: [{ name: "own OpenPGP.js" }] });
    return made.privateKey;
  }

  take(): void {}

  async seal({ form, key, exchange, text }: Sealing): Promise<Uint8Array | undefined> {
    const aead = modes.get(form);
    if (aead === undefined && !forms.has(form)) return undefined;
    const own = await readPrivateKey({ armoredKey: key.secret });
    const to = await readKey({ armoredKey: exchange.certificate });
    const options: Partial<Config> = {
      ...(aead === undefined ? {} : { preferredAEADAlgorithm: aead }),
      ...(form === "SHA-256" ? { preferredHashAlgorithm: enums.hash.sha256 } : {}),
    };
    const message =
      form === "text"
        ? await createMessage({ text })
        : await createMessage({ binary: Buffer.from(text, "latin1") });
    const all = {
      message,
      encryptionKeys: to,
      wildcard: form === "hidden",
      config: options,
      ...(form !== "unsigned" ? { signingKeys: own } : {}),
    };
    if (form === "armored") return Buffer.from(await encrypt({ ...all, format: "armored" }));
    const made: unknown = await encrypt({ ...all, format: "binary" });
    return made instanceof Uint8Array ? made : undefined;
  }

  async open(report: Uint8Array, key: PeerKey, exchange: PeerKey): Promise<Uint8Array> {
    const { data, signatures } = await decrypt({
      message: await readMessage({ binaryMessage: report }),
      decryptionKeys: await readPrivateKey({ armoredKey: key.secret }),
      verificationKeys: await readKey({ armoredKey: exchange.certificate }),
      expectSigned: true,
      format: "binary",
    });
    await signatures[0]?.verified;
    const bytes: unknown = data;
    if (bytes instanceof Uint8Array && signatures.length === 1) return bytes;
    throw new Error("couldn't open a report with OpenPGP.js");
  }
}
