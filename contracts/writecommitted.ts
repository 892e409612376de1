/** `node contracts/writecommitted.ts`: writes src/chain/contracts.json anew, after a change. */
import { writeFileSync } from "node:fs";

import { committedPath, compileCommitted } from "./committed.ts";

writeFileSync(committedPath, (await compileCommitted()).text);
