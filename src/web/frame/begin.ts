/** How every page begins: the kept colours, then its component in the place made for it. */
import { type ComponentChild, render } from "preact";
import { obeyTheme, themeKept } from "./theme.ts";

/** Draws a page. */
export function begin(page: ComponentChild): void {
  obeyTheme(themeKept());
  const place = document.getElementById("page");
  if (place !== null) render(page, place);
}
