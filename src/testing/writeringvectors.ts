/**
 * `node src/testing/writeringvectors.ts`: writes vectors/ring/ anew, after a change of the cases.
 */
import { writeFileSync } from "node:fs";

import { ringVectors } from "./ringvectors.ts";

for (const [name, text] of ringVectors()) {
  writeFileSync(new URL(`../../vectors/ring/${name}`, import.meta.url), text);
}
