/**
 * Passkeys whose PRF extension gives a secret that only this authenticator has: WebAuthn speaks to
 * pages only, so the page asks and hands the secret to the wallet's Worker. Nothing is registered
 * anywhere; the challenge is random and nobody checks what is signed.
 */
import type { PasskeyRequest } from "./core/protocol.ts";

const timeoutMs = 120_000;

/** Whether this browser has passkeys at all; whether one gives a secret shows when it is made. */
export function hasPasskeys(): boolean {
  return "PublicKeyCredential" in globalThis;
}

/** A passkey's secret, and how to ask for it again. */
export type PasskeyMade = { readonly request: PasskeyRequest; readonly secret: Uint8Array };

/** Makes a passkey for this page; `undefined` if it was declined or gives no secret. */
export async function makePasskey(label: string): Promise<PasskeyMade | undefined> {
  const salt = crypto.getRandomValues(new Uint8Array(32));
  try {
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: "Signet wallet" },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name: label, displayName: label },
        pubKeyCredParams: [
          { type: "public-key", alg: -7 },
          { type: "public-key", alg: -257 },
        ],
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        timeout: timeoutMs,
        extensions: { prf: { eval: { first: salt } } },
      },
    });
    if (!(made instanceof PublicKeyCredential)) return undefined;
    const request = { credential: new Uint8Array(made.rawId), salt };
    // Some authenticators give the secret at once, others only when they are asked.
    const secret = secretOf(made) ?? (await secretFrom(request));
    return secret && { request, secret };
  } catch {
    return undefined;
  }
}

/** Asks the authenticator for the secret; `undefined` if it was declined. */
export async function secretFrom(request: PasskeyRequest): Promise<Uint8Array | undefined> {
  try {
    const got = await navigator.credentials.get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: [{ type: "public-key", id: new Uint8Array(request.credential) }],
        userVerification: "required",
        timeout: timeoutMs,
        extensions: { prf: { eval: { first: new Uint8Array(request.salt) } } },
      },
    });
    return got instanceof PublicKeyCredential ? secretOf(got) : undefined;
  } catch {
    return undefined;
  }
}

function secretOf(credential: PublicKeyCredential): Uint8Array | undefined {
  const first = credential.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) return undefined;
  return ArrayBuffer.isView(first)
    ? new Uint8Array(first.buffer, first.byteOffset, first.byteLength).slice()
    : new Uint8Array(first);
}
