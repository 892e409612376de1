/** A key number as people compare it: six groups of five digits. */
import type { JSX } from "preact";

export function KeyNumber(props: { readonly digits: string }): JSX.Element {
  return (
    <span class="keynumber number" translate={false}>
      {props.digits}
    </span>
  );
}
