/** Changes to the list of relays, as their owner wants them. */
import { reachOf } from "../../../codec/reach.ts";
import type { Account } from "../../../wallet/account.ts";
import { fetchJson } from "../../../wallet/client.ts";
import { trouble, type Trouble } from "../../../wallet/errors.ts";
import { objectOf, textOf } from "../../../wallet/json.ts";
import {
  addRelay,
  forgive,
  liesIn,
  plainUrl,
  removedIn,
  removeRelay,
} from "../../../wallet/relays.ts";

/** Adds a relay, or a proxy before one; only what answers with a key of the card is added. */
export async function addToList(account: Account, text: string): Promise<Trouble | undefined> {
  const url = plainUrl(text.trim());
  const reach = reachOf(url);
  if (reach === undefined || reach.authorization !== undefined || !URL.canParse(url)) {
    return trouble("E822", "A relay's address begins with http:// or https:// and has no login.");
  }
  const { home, exchange } = account;
  const lie = liesIn(home).get(url);
  if (lie !== undefined) return trouble("E620", `${url} lied: ${lie.what}`);
  const isOnCard = exchange.card.relays.some((relay) => plainUrl(relay.url) === url);
  if (!isOnCard || !removedIn(home).includes(url)) {
    const answer = await fetchJson(url, "/v1/relay");
    if (answer.kind === "failed") {
      return trouble("E822", `No relay answers at ${url}: ${answer.why}.`, {
        next: "This page may talk to the relays of the exchange's card and to the one it came from. Open the page there.",
      });
    }
    const key = textOf(objectOf(answer.value)["key"]);
    if (!exchange.card.relays.some((relay) => relay.key === key)) {
      return trouble("E822", `What answers at ${url} has a key that is not on the card.`);
    }
  }
  addRelay(home, url);
  return undefined;
}

/** Does without a relay. */
export function removeFromList(account: Account, url: string): Trouble | undefined {
  removeRelay(account.home, plainUrl(url));
  return undefined;
}

/** Asks a relay again that lied. */
export function forgiveInList(account: Account, url: string): Trouble | undefined {
  return forgive(account.home, plainUrl(url))
    ? undefined
    : trouble("E114", `No relay at ${url} has lied.`);
}
