/** The bar above every page: its name, the way to the others, the colours. */
import type { ComponentChildren, JSX } from "preact";
import { ThemeButton } from "./themebutton.tsx";

const pages = [
  ["market", "/", "Market"],
  ["wallet", "/wallet", "Wallet"],
  ["explain", "/explain", "How it works"],
] as const;

/** `children` come between the title and the links. */
export function Bar(props: {
  readonly here: "market" | "wallet" | "explain";
  readonly children?: ComponentChildren;
}): JSX.Element {
  return (
    <header class="bar">
      <a class="skip" href="#main">
        To the content
      </a>
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width="22" height="22" /> Signet
      </a>
      {props.children}
      <div class="end tools">
        <nav aria-label="Pages">
          {pages.map(([name, path, label]) => (
            <a key={name} href={path} aria-current={name === props.here ? "page" : undefined}>
              {label}
            </a>
          ))}
        </nav>
        <ThemeButton />
      </div>
    </header>
  );
}
