/**
 * What a page draws of the verified view, and what follows from it: whether the figures may be
 * relied on, whether another relay is further on, whether another one says the same.
 */
import type { PublicView } from "../../market/publicview.ts";
import type { Exchange } from "./exchange.ts";
import type { Freshness, Level, Trail } from "./freshness.ts";
import type { Lately } from "./lately.ts";
import type { SignedHead } from "./verify.ts";
import type { ForkFound, RelayWeather } from "./weather.ts";

/** How it stands with what is shown. */
export type Standing =
  | { readonly kind: "starting"; readonly done: number; readonly total: number | undefined }
  /** The fold is at a signed checkpoint, and goes on. */
  | { readonly kind: "live" }
  /** Something is missing and is being fetched, or nobody answers: what is shown may be old. */
  | { readonly kind: "gap"; readonly sentence: string }
  /** Nothing may be believed. */
  | { readonly kind: "wrong"; readonly code: string; readonly sentence: string };

/**
 * Whether the exchange signed the card that names the log key. `not loaded`: the part of the page
 * that checks it did not come. `trouble`: it did not.
 */
export type CardStanding =
  | "not checked yet"
  | "not loaded"
  | "checked"
  | { readonly trouble: string };

/** What a page draws. Another object whenever anything changed. */
export type Seen = {
  readonly standing: Standing;
  /** The fold; it changes in place, `revision` with it. */
  readonly view: PublicView | undefined;
  readonly revision: number;
  readonly head: SignedHead | undefined;
  readonly trail: Trail | undefined;
  readonly exchange: Exchange | undefined;
  readonly card: CardStanding;
  readonly relays: readonly RelayWeather[];
  readonly lately: Lately;
  readonly fork: ForkFound | undefined;
  /** The relay that is read from: its address. */
  readonly source: string;
  /** Whether this browser met the exchange only now: nothing to compare its log key with. */
  readonly isFirstVisit: boolean;
};

/**
 * Whether the figures are drawn grey: not of now, whatever the reason, or nobody vouches for the
 * log key.
 */
export function isDoubted({ standing, card }: Doubtful, fresh: Freshness | undefined): boolean {
  return standing.kind !== "live" || typeof card === "object" || fresh?.level === "red";
}

type Doubtful = Pick<Seen, "standing" | "card">;
export type Badged = { readonly level: Level; readonly text: string; readonly mark: string };

/** What the badge says. Once nothing came for long it is red, whyever nothing came. */
export function badgeOf(
  { standing, head, card }: Doubtful & Pick<Seen, "head">,
  fresh: Freshness | undefined,
): Badged {
  const isBelieved = standing.kind !== "wrong" && typeof card !== "object";
  if (!isBelieved) return { level: "red", text: "not believed", mark: "✕" };
  if (standing.kind === "starting" || head === undefined || fresh === undefined) {
    const { done, total } = standing.kind === "starting" ? standing : { done: 0, total: undefined };
    const part = total === undefined ? "" : ` ${Math.floor((done / Math.max(total, 1)) * 100)} %`;
    return { level: "amber", text: `verifying the log${part}`, mark: "" };
  }
  if (fresh.level === "red") return { level: "red", text: "verified, but silent", mark: "!" };
  if (standing.kind === "gap") return { level: "amber", text: "verified, but old", mark: "!" };
  if (fresh.level === "amber") return { level: "amber", text: "verified, but late", mark: "!" };
  if (card === "not loaded")
    return { level: "amber", text: "verified, card not checked", mark: "!" };
  return { level: "green", text: "verified", mark: "✓" };
}

/**
 * How many relays, other than the one that is read from, tell the same, as far as the page is. Who
 * lied once confirms nothing.
 */
export function confirming({ relays, source }: Pick<Seen, "relays" | "source">): number {
  const others = relays.filter(({ url, lie }) => url !== source && lie === undefined);
  return others.filter(({ state }) => state === "good").length;
}

/** Another relay that shows what the exchange signed since, and the page has not come to. */
export type Overtaken = {
  readonly url: string;
  /** How often it was looked at. */
  readonly asked: number;
  /** Names both. */
  readonly sentence: string;
};

type Read = Pick<Seen, "relays" | "source" | "head">;

/** Whether any relay is further on than the page, and has been for seconds. */
export function isOvertaken({ relays, head }: Pick<Seen, "relays" | "head">): boolean {
  return relays.some((relay) => isAhead(relay, head));
}

function isAhead({ state, claim, lie }: RelayWeather, head: SignedHead | undefined): boolean {
  if (claim === undefined || head === undefined || state !== "ahead") return false;
  if (lie !== undefined) return false;
  return claim.head.checkpoint.size > head.checkpoint.size;
}

/** The relays that are further on, other than the one that is read from. */
export function overtaken({ relays, source, head }: Read): readonly Overtaken[] {
  const size = head?.checkpoint.size ?? 0;
  const from = relays.find(({ url }) => url === source)?.name ?? source;
  return relays.flatMap((relay) => {
    const { url, name, claim, asked } = relay;
    const shown = claim?.head.checkpoint.size ?? 0;
    if (url === source || !isAhead(relay, head)) return [];
    const sentence =
      `Relay ${name} shows a checkpoint of ${shown} leaves, signed by the exchange; ` +
      `${from}, from which this page reads, shows no more than ${size}.`;
    return [{ url, asked, sentence }];
  });
}
