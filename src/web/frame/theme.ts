/**
 * Light or dark: the system's wish, unless the reader chose otherwise on this device. The choice is
 * `data-theme` at the root, which style.css obeys, and is kept in the browser's storage.
 */

/** What the reader may choose. */
export type Theme = "system" | "light" | "dark";

const storageName = "signet.theme";
const order: readonly Theme[] = ["system", "light", "dark"];

/** The choice that was kept; storage may be forbidden, then the system decides. */
export function themeKept(): Theme {
  try {
    const kept = localStorage.getItem(storageName);
    return order.find((theme) => theme === kept) ?? "system";
  } catch {
    return "system";
  }
}

/** Obeys a choice and keeps it. */
export function obeyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(storageName, theme);
  } catch {
    // It holds until the page is left.
  }
}

/** The one after this. */
export function themeAfter(theme: Theme): Theme {
  return order[(order.indexOf(theme) + 1) % order.length] ?? "system";
}
