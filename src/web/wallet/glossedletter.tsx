/** A letter exactly as it is signed, line by line, with what each line means beside it. */
import type { JSX } from "preact";
import type { Steps } from "../../wallet/amounts.ts";
import { glossLetter } from "./words.ts";

/** The lines are those of `text`, none left out; copying them gives the text. */
export function GlossedLetter(props: { readonly card: Steps; readonly text: string }): JSX.Element {
  return (
    <ol class="signed" aria-label="The letter, line by line">
      {glossLetter(props.card, props.text).map(({ text, gloss, kind }, index) => (
        <li key={index} class={kind}>
          <code tabIndex={kind === "pad" && text.length > 100 ? 0 : undefined}>{text}</code>
          <span class="gloss">{gloss}</span>
        </li>
      ))}
    </ol>
  );
}
