/** What went wrong, in the four lines: what happened, what it means, what to do, the code. */
import type { ComponentChildren, JSX } from "preact";
import type { Told } from "./core/protocol.ts";

/** `children`: buttons that do what the third line says. */
export function TroubleNote(props: {
  readonly told: Told;
  readonly mild?: boolean | undefined;
  readonly id?: string | undefined;
  readonly children?: ComponentChildren;
}): JSX.Element {
  const { told, mild = false } = props;
  return (
    <div class={`note trouble ${mild ? "warn" : "bad"}`} role="group" id={props.id}>
      <p class="what">
        <span aria-hidden="true">{mild ? "◌" : "✕"}</span> {told.what}
      </p>
      <p>{told.meaning}</p>
      <p>{told.next}</p>
      {props.children}
      <p class="code">{told.code}</p>
    </div>
  );
}

/** The same, announced when it comes; nothing if there is nothing. */
export function TroublePlace(props: { readonly told: Told | undefined }): JSX.Element {
  return (
    <div role="alert" class="troubleplace">
      {props.told === undefined ? null : <TroubleNote told={props.told} />}
    </div>
  );
}
