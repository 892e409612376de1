/**
 * Ethereum's two ways to ask a wallet or a node: an object in a page with `request` (EIP-1193), and
 * JSON-RPC over HTTP. Nothing that comes back is believed for its shape: answers are bounded in
 * time and size, and an error is a sentence.
 */
import { trouble, type Outcome } from "./errors.ts";
import { postJson } from "./client.ts";
import { objectOf, textOf } from "./json.ts";
import { printable } from "./amounts.ts";

/** One question. */
export type RpcRequest = { readonly method: string; readonly params: readonly unknown[] };

/** What wallets put into a page (EIP-1193): throws what went wrong. */
export type Eip1193 = { readonly request: (request: RpcRequest) => Promise<unknown> };

/** Either way, with what went wrong as a trouble. */
export type Provider = { readonly request: (request: RpcRequest) => Promise<Outcome<unknown>> };

/** A provider that lives in the same program. */
export function providerOf(wallet: Eip1193): Provider {
  return {
    request: async (request) => {
      try {
        return { ok: true, value: await wallet.request(request) };
      } catch (cause) {
        // A wallet throws an object with a message, seldom an Error (code 4001: its owner said no).
        const thrown = typeof cause === "object" && cause !== null ? Object.entries(cause) : [];
        const named: unknown = thrown.find(([name]) => name === "message")?.[1];
        const message = cause instanceof Error ? cause.message : named;
        return refusal(request, typeof message === "string" ? message : "it gave no reason");
      }
    },
  };
}

/** How long a question may wait: a person may have to press a button. */
const signMs = 120_000;
const readMs = 10_000;
let requests = 0;

/** A provider at a URL. */
export function providerAt(url: string): Provider {
  return {
    request: async (request) => {
      requests += 1;
      const waits = /^eth_(?:sign|send)/.test(request.method);
      const body = JSON.stringify({ jsonrpc: "2.0", id: requests, ...request });
      const answer = await postJson(url, body, waits ? signMs : readMs);
      if (answer.kind === "failed") {
        return trouble("E804", `${printableUrl(url)} did not answer: ${answer.why}.`);
      }
      const fields = objectOf(answer.value);
      if (fields["error"] !== undefined) {
        const message = textOf(objectOf(fields["error"])["message"]) ?? "it gave no reason";
        return refusal(request, message);
      }
      return "result" in fields
        ? { ok: true, value: fields["result"] }
        : trouble("E804", `${printableUrl(url)} does not speak JSON-RPC.`);
    },
  };
}

/** Without the path: keys of node services stand there. */
function printableUrl(url: string): string {
  try {
    return new URL(url).origin;
  } catch {
    return "The address";
  }
}

function refusal({ method }: RpcRequest, message: string): Outcome<unknown> {
  const what = `${method}: ${printable(message)}`;
  return trouble(/^eth_(?:sign|accounts)/.test(method) ? "E122" : "E805", what);
}
