/**
 * A question that must be answered before anything else: a real `<dialog>`, so that the browser
 * keeps the focus inside, closes it at Escape and gives the focus back.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

/** Open as long as it is drawn. `onClose`: Escape, or a click beside it. */
export function Dialog(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly wide?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { title, onClose, wide = false } = props;
  const place = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const from = document.activeElement;
    place.current?.showModal();
    return () => {
      if (from instanceof HTMLElement) from.focus();
    };
  }, []);
  return (
    <dialog
      ref={place}
      class={wide ? "sheet wide" : "sheet"}
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === place.current) onClose();
      }}
    >
      <div class="inside">
        <h2 id={name}>{title}</h2>
        {props.children}
      </div>
    </dialog>
  );
}

/** A sentence, a button that does it and one that does not. */
export function Confirm(props: {
  readonly title: string;
  readonly sentence: string;
  readonly yes: string;
  readonly no: string;
  readonly busy: boolean;
  readonly onYes: () => void;
  readonly onNo: () => void;
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <Dialog title={props.title} onClose={props.onNo}>
      <p>{props.sentence}</p>
      {props.children}
      <div class="buttons">
        <button type="button" onClick={props.onNo}>
          {props.no}
        </button>
        <button type="button" class="main" disabled={props.busy} onClick={props.onYes}>
          {props.busy ? "Signing…" : props.yes}
        </button>
      </div>
    </Dialog>
  );
}
