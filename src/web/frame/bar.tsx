/** The bar above every page: its name, the way to the others, the colours. */
import type { JSX } from "preact";
import { ThemeButton } from "./themebutton.tsx";

const pages = [
  ["market", "/", "Market"],
  ["wallet", "/wallet", "Wallet"],
  ["explain", "/explain", "How it works"],
] as const;

export function Bar(props: { readonly here: "market" | "wallet" | "explain" }): JSX.Element {
  return (
    <header class="bar">
      <a class="skip" href="#main">
        To the content
      </a>
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" width="22" height="22" /> Signet
      </a>
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
