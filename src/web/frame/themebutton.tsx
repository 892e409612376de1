/** The button that goes through system, light and dark. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { themeAfter, themeKept, obeyTheme } from "./theme.ts";

const signs = { system: "◐", light: "☀", dark: "☾" } as const;

export function ThemeButton(): JSX.Element {
  const [theme, setTheme] = useState(themeKept);
  const next = themeAfter(theme);
  const choose = (): void => {
    obeyTheme(next);
    setTheme(next);
  };
  return (
    <button type="button" class="quiet" onClick={choose} title={`Colours: ${theme}`}>
      <span aria-hidden="true">{signs[theme]}</span>
      <span class="unseen">
        Colours: {theme}. Change to {next}.
      </span>
    </button>
  );
}
