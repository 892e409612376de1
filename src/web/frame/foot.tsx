/** Under every page: which exchange this is, which build of the page, and where else to look. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { sha256, toHex } from "../../codec/bytes.ts";
import { ask } from "../view/ask.ts";

const links = [
  ["/plain", "without script"],
  ["/feeds/trades.atom", "Atom"],
  ["/feeds/trades.rss", "RSS"],
  ["/feeds/trades.json", "JSON feed"],
  ["/v1/openapi.json", "OpenAPI"],
  ["/v1/checkpoint", "checkpoint"],
  ["/v1/exchange/card", "card"],
] as const;

export function Foot(props: { readonly keyNumber: string | undefined }): JSX.Element {
  const [build, setBuild] = useState<string>();
  useEffect(() => {
    const load = async (): Promise<void> => {
      const answer = await ask(location.origin, "/build.txt", { bytesMax: 100_000 });
      if (answer.kind === "answer") setBuild(toHex(sha256(answer.bytes)));
    };
    void load();
  }, []);
  return (
    <footer class="foot">
      <p>
        Exchange <b class="number">{props.keyNumber ?? "…"}</b>
      </p>
      <p>
        This page is build{" "}
        <a href="/build.txt" class="code">
          {build?.slice(0, 16) ?? "…"}
        </a>
        . A page cannot vouch for itself: compare the SHA-256 of <a href="/build.txt">/build.txt</a>{" "}
        with that of a build of your own from the source (docs/guide/page.md there says how).
      </p>
      <nav aria-label="More">
        {links.map(([path, label]) => (
          <a key={path} href={path}>
            {label}
          </a>
        ))}
      </nav>
    </footer>
  );
}
