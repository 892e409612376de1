/** The entry of the page: draws it. */
import { Bar } from "../frame/bar.tsx";
import { begin } from "../frame/begin.ts";

begin(
  <>
    <Bar here="market" />
    <main id="main" class="columns">
      <h1>Market</h1>
    </main>
  </>,
);
