/**
 * What issuers did with a market's assets: the contract that a security stands for, and how anybody
 * checks it; then dividends, ratios, new names. Nothing for a market without any.
 */
import type { JSX } from "preact";
import { assetsOf } from "../../market/figures.ts";
import type { MarketFigures } from "./marketfigures.ts";
import { Panel } from "./panel.tsx";

const eventsShown = 20;

export function Contract({ figures }: { readonly figures: MarketFigures }): JSX.Element {
  const { listing, market } = figures;
  if (listing === null) return <></>;
  const { base } = assetsOf(market.name);
  return (
    <Panel title={`Contract of ${base}`} class="contract">
      <p class="dim small">SHA-256 of the contract that its issuer signed</p>
      <p>
        <code>{listing.hash}</code>
      </p>
      <p class="dim small">issuer, {listing.shares} shares</p>
      <p>
        <code>{listing.issuer}</code>
      </p>
      <p class="dim small">
        Check the contract that you were given: <code>sha256sum CONTRACT</code> says the same 64
        digits, or it is another one. Leaf {listing.leaf} of the exchange's log says this.
      </p>
    </Panel>
  );
}

export function Events({ figures }: { readonly figures: MarketFigures }): JSX.Element {
  const { events } = figures;
  if (events.length === 0) return <></>;
  return (
    <Panel title="Events">
      <ul class="events">
        {events.slice(0, eventsShown).map(({ leaf, at, says }) => (
          <li key={leaf}>
            {at !== null && (
              <>
                <time dateTime={at}>{at.slice(0, 10)}</time>{" "}
              </>
            )}
            {says} <span class="dim">(leaf {leaf})</span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
