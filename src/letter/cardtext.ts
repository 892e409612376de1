/**
 * The card inside its clear-signed message (RFC 9580 §7), with nothing checked: for a relay that
 * wants to know its neighbours, and for a page that shows a card before its signature is verified.
 */
const begin = "-----BEGIN PGP SIGNED MESSAGE-----\n";
const end = "\n-----BEGIN PGP SIGNATURE-----";

/** The text; `undefined` if this is no clear-signed message. Nothing is verified. */
export function cardInside(signed: string): string | undefined {
  const text = signed.replaceAll("\r\n", "\n");
  const head = text.indexOf("\n\n");
  const tail = text.indexOf(end, head + 2);
  if (!text.startsWith(begin) || head < 0 || tail < 0) return undefined;
  return `${text.slice(head + 2, tail).replace(/^- /gm, "")}\n`;
}
