/**
 * A question that must be answered before anything else: a real `<dialog>`, so that the browser
 * keeps the focus inside and closes it at Escape. It opens with the focus on its title, and gives
 * it back to where it was, or to that place's heading if what had it is gone or off by then.
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
  const { onClose, wide = false } = props;
  const place = useRef<HTMLDialogElement>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const name = useId();
  useEffect(() => {
    const from = document.activeElement;
    const around = from?.closest("section")?.querySelector("h2");
    const dialog = place.current;
    dialog?.showModal();
    title.current?.focus();
    return () => {
      dialog?.close();
      if (from instanceof HTMLElement) from.focus();
      // What was asked for may have taken the button away.
      setTimeout(() => {
        if (document.activeElement !== document.body || !(around instanceof HTMLElement)) return;
        around.tabIndex = -1;
        around.focus();
      }, 0);
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
        <h2 id={name} ref={title} tabIndex={-1}>
          {props.title}
        </h2>
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
          {props.busy ? "One moment…" : props.yes}
        </button>
      </div>
    </Dialog>
  );
}
