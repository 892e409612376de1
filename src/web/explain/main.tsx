/** The page that shows a letter's way. */
import { begin } from "../frame/begin.ts";
import { beginView } from "../view/begin.ts";
import { ExplainPage } from "./explainpage.tsx";

begin(<ExplainPage view={beginView()} />);
