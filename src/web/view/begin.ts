/** The view of the exchange whose relay served this page: one for the whole page. */
import { VerifiedView } from "./verifiedview.ts";

function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** Makes it and starts it. */
export function beginView(): VerifiedView {
  const view = new VerifiedView({
    origin: location.origin,
    storage: storage(),
    // OpenPGP is ten times what the first picture needs: it comes after it.
    checkCard: async (exchange) => {
      const { cardTrouble } = await import("./cardcheck.ts");
      return cardTrouble(exchange, Date.now());
    },
  });
  view.start();
  return view;
}
