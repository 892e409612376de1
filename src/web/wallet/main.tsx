/** The entry of the page: draws it. */
import { Bar } from "../frame/bar.tsx";
import { begin } from "../frame/begin.ts";

begin(
  <>
    <Bar here="wallet" />
    <main id="main" class="columns">
      <h1>Wallet</h1>
    </main>
  </>,
);
