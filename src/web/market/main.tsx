/** The market page: every number of it comes out of the log, verified in this browser. */
import { begin } from "../frame/begin.ts";
import { beginView } from "../view/begin.ts";
import { MarketPage } from "./marketpage.tsx";

begin(<MarketPage view={beginView()} />);
