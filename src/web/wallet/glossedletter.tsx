/** A letter exactly as it is signed, line by line, with what each line means beside it. */
import type { JSX } from "preact";
import type { OrderName } from "../../letter/command.ts";
import { isCalled } from "../../wallet/orderlines.ts";
import type { AccountView } from "./core/protocol.ts";
import { glossLetter } from "./words.ts";

/** The lines are those of `text`, none left out; copying them gives the text. */
export function GlossedLetter(props: {
  readonly account: AccountView;
  readonly text: string;
}): JSX.Element {
  const { exchange, orders } = props.account;
  const marketOf = (name: OrderName): string | undefined =>
    orders.find((order) => isCalled(order, name))?.market;
  return (
    <ol class="signed" aria-label="The letter, line by line">
      {glossLetter({ ...exchange, marketOf }, props.text).map(({ text, gloss, kind }, index) => (
        <li key={index} class={kind}>
          <code tabIndex={kind === "pad" && text.length > 100 ? 0 : undefined}>{text}</code>
          <span class="gloss">{gloss}</span>
        </li>
      ))}
    </ol>
  );
}
