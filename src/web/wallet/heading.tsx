/**
 * Headings that take the focus, so that a step that comes after another is announced and the next
 * Tab goes on from there. A page that nobody has touched keeps its focus where it is.
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** A step's heading. `step`: takes the focus again when this is another. */
export function StepHeading(props: {
  readonly id?: string;
  readonly level?: 1 | 2;
  readonly step?: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}): JSX.Element {
  const { id, level = 2, step = "", children } = props;
  const place = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (navigator.userActivation.hasBeenActive) place.current?.focus();
  }, [step]);
  const given = { id, class: props.class, tabIndex: -1, ref: place };
  return level === 1 ? <h1 {...given}>{children}</h1> : <h2 {...given}>{children}</h2>;
}

/** Closing a dialog gives the focus back within this time, and would take it from the heading. */
const closedMs = 60;

/** Goes to a heading that stands further on, once a dialog has given the focus back. */
export function goToHeading(id: string): void {
  setTimeout(() => {
    const heading = document.getElementById(id);
    heading?.focus({ preventScroll: true });
    (heading?.closest("section") ?? heading)?.scrollIntoView({ block: "nearest" });
  }, closedMs);
}
