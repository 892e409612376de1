/**
 * Troubles as a page tells them: what happened, what it means for the money, what to do here, the
 * code. The wallet's own hints are commands for a terminal; each has its counterpart on the page.
 */
import { troubleLines, type Trouble } from "../../../wallet/errors.ts";
import type { Said, Told } from "./protocol.ts";

const nothingSent = "Nothing was signed or sent.";
const here: ReadonlyMap<string, string> = new Map([
  ["E103", "The market's limits stand beside the form."],
  ["E104", "Write digits and a point; the asset's decimals stand beside the form."],
  ["E105", "Set this device's clock. The wallet looks again by itself."],
  ["E106", "Choose one of the markets in the list."],
  ["E107", "Choose one of the assets in the list."],
  ["E110", "The other customer finds it under Key & relays: 40 digits."],
  ["E112", "Choose another name for the order, or none."],
  ["E114", "Look in the list of letters."],
  ["E501", "Wait; the wallet asks on by itself. Sending the same bytes again is always safe."],
  ["E502", "Wait; the wallet asks on by itself until it has an answer or a proof."],
  ["E503", "Send the letter again: the same bytes, which is always safe."],
  ["E505", "The wallet fetches it as soon as the exchange can be reached."],
  ["E508", "Sending the same words again is safe: a new letter with a new deadline."],
  ["E601", "The relay that delivered it is not asked again. It is named in the list of relays."],
  ["E602", "Other relays carry it; this one is not asked again."],
  ["E603", "Open the page at another relay, and compare the exchange's key number."],
  ["E604", "The relay that delivered it is not asked again. It is named in the list of relays."],
  ["E606", "Compare all thirty digits with the number you got from the exchange itself."],
  ["E607", "The relay that delivered it is not asked again. It is named in the list of relays."],
  ["E609", "Send nothing more, and show the file to others, until it is explained."],
  ["E611", "Another relay may have a true one; the wallet asks on."],
  ["E620", "It can be asked again from the list of relays, if you forgive it."],
  ["E621", "Remove it from the list of relays."],
  ["E622", "Set this device's clock, if it is wrong. A newer page may know more."],
  ["E701", "Make a key, or restore one from its 24 words."],
  ["E702", "Try again. Without the passphrase, the 24 words rebuild everything."],
  ["E705", "Forget the wallet that is here first, if you have its words."],
  ["E708", "Forget the wallet in this browser and restore it: the 24 words rebuild everything."],
  ["E801", "The letter is sent again by itself as soon as a relay answers."],
  ["E802", "The message has the relays' reason. The letter can be sent again from the list."],
  ["E803", "Is this device connected? The wallet asks again by itself."],
  ["E808", "Is this device connected? The wallet asks again by itself."],
  ["E821", "Forgive or add a relay in the list of relays."],
  ["E822", "Look at the address; a relay of the exchange's card has to answer there."],
]);

/** A trouble with every sentence. */
export function told(found: Trouble): Told {
  const [what = "", meaning = "", next = ""] = troubleLines(found);
  const isForTerminals = /signet |(?:^|\s)--|timedatectl/.test(next);
  return {
    ok: false,
    code: found.code,
    what,
    meaning: meaning === "" ? nothingSent : meaning,
    next: isForTerminals ? (here.get(found.code) ?? "Try again.") : next,
  };
}

/** The same outcome with its trouble told. */
export function said<Value>(
  outcome: { readonly ok: true; readonly value: Value } | Trouble,
): Said<Value> {
  return outcome.ok ? outcome : told(outcome);
}
