/** Text inside XML and HTML: whatever would be markup is written as a reference. */

/** For element content and quoted attribute values alike; nothing but printable ASCII passes. */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[^\x20-\x7e\n]/g, "?")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
