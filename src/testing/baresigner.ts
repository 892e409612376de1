/**
 * A wallet that is none of ours: it names its account and signs typed data, with viem's EIP-712 and
 * secp256k1, and does nothing else. As an object in a page (EIP-1193), and as a server.
 */
import { privateKeyToAccount } from "viem/accounts";

import { hexOf } from "../chain/answers.ts";
import { type DevServer, serveRpc } from "../chain/devserver.ts";
import type { Eip1193 } from "../wallet/provider.ts";
import type { Person } from "./ringminer.ts";

/** As pages find it: capitals as EIP-55 has them, and an object without a prototype of ours. */
export function walletOf({ key }: Person): Eip1193 {
  const account = privateKeyToAccount(hexOf(key));
  return {
    request: async ({ method, params }) => {
      if (method === "eth_accounts") return [account.address];
      const [from, text] = params;
      const isOwn = String(from).toLowerCase() === account.address.toLowerCase();
      if (method !== "eth_signTypedData_v4" || !isOwn) {
        throw Object.assign(new Error("this wallet only signs typed data"), { code: 4200 });
      }
      return account.signTypedData(JSON.parse(String(text)));
    },
  };
}

/** The same at a URL. */
export function serveWallet(person: Person): Promise<DevServer> {
  const wallet = walletOf(person);
  return serveRpc((method, params) => wallet.request({ method, params }), 0);
}
