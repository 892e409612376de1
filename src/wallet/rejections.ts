/**
 * What to say of each refusal that the exchange gives by name: of a whole letter (E400 to E420), of
 * one line by its grammar (E421 to E446, E200 to E204, E230 to E239), of one line by the ledger and
 * the book (E450 and on, E240 and on), by the ring venue (E210 and on). The codes never change; a
 * test compares the names with the letter's and the engine's own lists.
 */
import { keyRejections } from "./keyrejections.ts";

/** One refusal: its code for ever, what it means, what to do next. */
export type Rejection = { readonly code: string; readonly title: string; readonly next: string };

type Row = readonly [code: string, name: string, title: string, next: string];

const fileABug = "This program should not have written that: please report it with the letter.";
const byHand = "If you wrote the letter by hand: docs/spec/letter.md has the line.";
const clock = "Is your clock right?  timedatectl set-ntp true";

const letters: readonly Row[] = [
  [
    "E400",
    "letter_too_long",
    "The letter is longer than 64 KiB.",
    "Split it into several letters.",
  ],
  ["E401", "letter_not_ascii", "The letter has characters outside ASCII.", byHand],
  ["E402", "letter_has_cr", "The letter has carriage returns.", "Write it with LF line ends."],
  ["E403", "letter_has_tab", "The letter has tabs.", byHand],
  ["E404", "line_too_long", "A line is too long.", byHand],
  ["E405", "line_has_trailing_blank", "A line ends with a blank.", byHand],
  ["E406", "line_empty", "A line is empty.", byHand],
  ["E407", "header_missing", "The letter does not begin with signet/1.", byHand],
  ["E408", "version_unknown", "The exchange does not know this version of letters.", byHand],
  ["E409", "header_malformed", "The first line is not signet/1 and a fingerprint.", byHand],
  ["E410", "exchange_wrong", "The letter was written to another exchange.", "signet card exchange"],
  ["E411", "seq_malformed", "The seq line is malformed.", byHand],
  ["E412", "by_malformed", "The by line is malformed.", byHand],
  ["E413", "commands_missing", "The letter has no command.", byHand],
  [
    "E414",
    "commands_too_many",
    "The letter has more than 1,000 commands, or 16 RING.",
    "Split it.",
  ],
  ["E415", "seq_missing", "A letter that changes something needs a seq line.", byHand],
  [
    "E416",
    "seq_passed",
    "The letter's number lies too far below numbers already used.",
    "Write it again: the wallet takes a fresh number.",
  ],
  [
    "E417",
    "seq_reused",
    "Another letter with this number was accepted before; does another copy of this wallet exist?",
    "signet restore     learns what the other copy did; give each copy its own --thread",
  ],
  [
    "E418",
    "seq_jumped",
    "The letter's number lies too far above the numbers used so far.",
    "signet restore     learns the numbers again",
  ],
  ["E419", "by_too_far", "The deadline is more than 7 days ahead.", clock],
  ["E420", "late", "The exchange read the letter after its deadline.", clock],
  [
    "E422",
    "papers_limit",
    "Sixteen papers of this key were used already.",
    "signet key freeze     freezes with a numbered letter",
  ],
];

const lines: readonly Row[] = [
  ["E421", "derivatives_not_offered", "Options and futures are not offered.", ""],
  ["E423", "verb_unknown", "There is no such command.", byHand],
  ["E424", "fields_wrong", "The command has too many or too few fields.", byHand],
  ["E425", "option_unknown", "The command has an option that it does not take.", byHand],
  ["E426", "option_repeated", "An option is given twice.", byHand],
  ["E427", "id_malformed", "The id is malformed.", "signet explain E109"],
  ["E428", "tag_malformed", "The tag is malformed.", "signet explain E109"],
  ["E429", "market_malformed", "The market's name is malformed.", "signet card exchange"],
  ["E430", "asset_malformed", "The asset's name is malformed.", "signet card exchange"],
  ["E431", "quantity_malformed", "The quantity is not a whole number of lots.", byHand],
  ["E432", "quantity_zero", "The quantity is zero.", byHand],
  ["E433", "price_malformed", "The price is not a whole number of price units.", byHand],
  ["E434", "price_zero", "The price is zero.", byHand],
  ["E435", "expiry_malformed", "The expiry is not a time in unix seconds.", byHand],
  ["E436", "expiry_on_market_order", "A market order cannot have an expiry.", "Give a price."],
  ["E437", "amount_malformed", "The amount is not a whole number of units.", byHand],
  ["E438", "amount_zero", "The amount is zero.", byHand],
  ["E439", "fingerprint_malformed", "The fingerprint is not 40 hex digits.", byHand],
  ["E440", "address_malformed", "The address is malformed.", "signet explain E111"],
  ["E441", "order_malformed", "The order's name is malformed.", "signet orders"],
  ["E442", "range_malformed", "The range of reports is malformed.", byHand],
  ["E443", "range_too_long", "More than 100 reports were asked for at once.", "Ask in parts."],
  ["E444", "number_malformed", "The number is malformed.", byHand],
  ["E445", "evidence_malformed", "The evidence is malformed.", "signet explain E111"],
  ["E446", "certificate_malformed", "The certificate is malformed.", fileABug],
];

const ordersHere = "signet orders     shows what is open and what it holds";

const decisions: readonly Row[] = [
  [
    "E450",
    "already_registered",
    "This key has an account already.",
    "signet restore     with the 24 words brings it back",
  ],
  ["E451", "stat_repeated", "A letter may ask for its statement once.", byHand],
  ["E452", "resend_not_alone", "RESEND must be the letter's only command.", byHand],
  ["E453", "report_unknown", "There is no report of that number.", "signet statement"],
  ["E454", "id_reused", "This id was used before in your account.", "signet status ID"],
  ["E455", "market_unknown", "There is no such market.", "signet card exchange"],
  [
    "E456",
    "price_not_on_tick",
    "The price is not a multiple of the market's tick.",
    "signet card exchange     says every market's steps",
  ],
  ["E457", "price_too_high", "The price is above the market's maximum.", "signet card exchange"],
  ["E458", "quantity_too_small", "The quantity is below the market's minimum.", ordersHere],
  ["E459", "quantity_too_large", "The quantity is above the market's maximum.", "Split the order."],
  ["E460", "expiry_passed", "The order's expiry lay in the past when it was read.", clock],
  ["E461", "orders_open_limit", "You have 4,000 open orders.", "signet cancel ID"],
  ["E485", "answer_full", "The letter's answer is full.", "Send the rest in another letter."],
  ["E463", "amount_too_large", "The order's total is more than any account can hold.", "Split it."],
  ["E464", "funds_short", "There is not enough free.", ordersHere],
  ["E465", "order_not_open", "No open order of yours has this name.", ordersHere],
  ["E466", "asset_unknown", "There is no such asset.", "signet card exchange"],
  ["E467", "push_to_self", "You cannot push to yourself.", "signet card mine"],
  [
    "E468",
    "deposits_awaited_limit",
    "You have 100 announced deposits that have not arrived.",
    "Pay those, or ask the operators to settle them.",
  ],
  [
    "E469",
    "withdrawals_waiting_limit",
    "You have 100 withdrawals waiting for the operators.",
    "Wait until some are paid.",
  ],
  ["E470", "operators_only", "Only the exchange's operators may say this.", "signet card mine"],
  [
    "E478",
    "skip_not_by_letter",
    "SKIP is a file for the island, not a letter.",
    "signet hands skip",
  ],
  ["E471", "deposit_unknown", "There is no deposit of this number.", "signet hands list"],
  ["E472", "deposit_settled", "This deposit was credited before.", "signet hands list"],
  ["E473", "supply_exceeded", "More than may ever exist would be credited.", "signet hands list"],
  ["E474", "withdrawal_unknown", "There is no withdrawal of this number.", "signet hands list"],
  ["E475", "withdrawal_settled", "This withdrawal was settled before.", "signet hands list"],
  ["E476", "withdrawal_not_waiting", "This withdrawal is not waiting.", "signet hands list"],
  ["E479", "request_differs", "This is not what the request asks for.", "signet hands list"],
  ["E477", "withdrawal_not_approved", "This withdrawal is not approved.", "signet hands list"],
  [
    "E498",
    "engine_fault",
    "The exchange could not carry this letter out: the fault is the exchange's.",
    "Its operators know. Nothing of the letter took effect; write to them before trying again.",
  ],
];

const ringsHere = "signet ring list     shows your ring orders";
const anotherOffer = "signet ring offer     writes a new order with a new auth key";

/** The ring venue's: the first five by the grammar of a line, the others by the engine. */
const rings: readonly Row[] = [
  ["E200", "ring_order_malformed", "The ring order is malformed.", byHand],
  ["E201", "ring_signature_malformed", "The owner's signature is malformed.", byHand],
  ["E202", "ring_auth_malformed", "The sealed auth key is malformed.", byHand],
  ["E203", "ring_name_malformed", "This is no ring order's name.", ringsHere],
  ["E204", "observation_malformed", "The watcher's observation is malformed.", byHand],
  ["E210", "ring_not_offered", "The exchange has no ring venue.", "signet card exchange"],
  ["E211", "ring_order_expired", "The ring order had expired when it was read.", clock],
  ["E212", "ring_token_unknown", "The venue does not know this token.", "signet ring venue"],
  [
    "E213",
    "ring_order_impossible",
    "No ring could settle the order: of its owner, wallet or recipient.",
    "The sentence says which; the venue's contract itself can be none of them.",
  ],
  [
    "E214",
    "ring_auth_missing",
    "The order comes without its auth key, and its auth address is not the venue's.",
    anotherOffer,
  ],
  [
    "E215",
    "ring_auth_unreadable",
    "The auth key is not sealed to the venue's miner, or is no key.",
    "signet card exchange     has the miner's certificate; then write a new order",
  ],
  ["E216", "ring_auth_wrong", "The auth key is not of the order's auth address.", anotherOffer],
  [
    "E217",
    "ring_order_repeated",
    "The same ring order is here already, or another account has taken it back.",
    ringsHere,
  ],
  [
    "E218",
    "ring_orders_too_many",
    "There are too many ring orders, or too many of yours that were never live.",
    "signet ring cancel ID     or wait until the chain is heard about them",
  ],
  ["E219", "ring_order_unknown", "No live ring order of yours has this name.", ringsHere],
  ["E220", "not_a_watcher", "Only the exchange's watchers may say this.", "signet card mine"],
  [
    "E221",
    "observation_not_wanted",
    "Nothing that is watched is meant by this observation.",
    "Nothing to do: what it is about has ended.",
  ],
];

const markets = "signet market MARKET     says its phase, its prices and since when";
const askOperators = "Ask the operators: it is in the exchange's configuration.";

/** Of terms of orders, and of securities: the first ten by the grammar of a line. */
const venue: readonly Row[] = [
  ["E230", "tif_malformed", "The time in force is not one of those offered.", byHand],
  ["E231", "stop_malformed", "The stop is not a whole number of price units above zero.", byHand],
  ["E232", "own_malformed", "own= is newest, oldest or both.", byHand],
  ["E233", "cap_malformed", "The cap is not a whole number of units above zero.", byHand],
  ["E234", "expiry_against_tif", "An order has an expiry or a tif=, not both.", "Drop one."],
  ["E235", "cap_not_here", "Only a market buy can be capped.", "A price is a cap itself."],
  ["E236", "side_malformed", "The side is neither buy nor sell.", byHand],
  ["E237", "time_malformed", "The time is not in unix seconds.", byHand],
  ["E238", "hash_malformed", "The contract's hash is not 64 hex digits.", "sha256sum CONTRACT"],
  ["E239", "ratio_malformed", "NEW and OLD are not two different numbers from 1.", byHand],
  ["E240", "phase_forbids", "The market does not take this in its phase of now.", markets],
  ["E241", "kind_wrong", "Such an order does not exist.", byHand],
  ["E242", "price_outside_limits", "The price is too far from the market's reference.", markets],
  ["E243", "would_cross", "The order would have traded at once, which it must not.", ordersHere],
  ["E244", "fok_unfillable", "Not all of it could be traded at once.", "Ask for less."],
  ["E245", "replace_nothing", "The order is so already.", ordersHere],
  ["E246", "switch_passed", "The switch's time lay in the past when it was read.", clock],
  [
    "E250",
    "not_the_issuer",
    "Only the asset's issuer may say this.",
    "Sign with the issuer's key.",
  ],
  ["E251", "already_listed", "The asset is listed.", "Nothing to do: its shares are there."],
  ["E252", "asset_not_listed", "The asset is not listed yet.", "signet issue list     comes first"],
  ["E253", "asset_not_issued", "The asset is not one that somebody issues.", askOperators],
  [
    "E254",
    "shares_over_supply",
    "More shares than the asset may ever have.",
    "Ask for fewer: the sentence says how many there may be.",
  ],
  [
    "E255",
    "float_too_small",
    "FLOAT is smaller than the number of shares.",
    "Say --float with all the shares that there are, or more.",
  ],
  ["E256", "record_passed", "The record date lay in the past when it was read.", clock],
  [
    "E257",
    "record_too_far",
    "The record date is too far ahead.",
    "Choose an earlier one: the sentence says how far it may be.",
  ],
  [
    "E258",
    "market_not_stopped",
    "A market of the asset still trades.",
    "Ask the operators to halt it, or wait until it is closed: signet market",
  ],
  ["E259", "name_not_reserved", "The new name is not the one that is reserved.", askOperators],
  ["E260", "already_delisted", "The asset is delisted.", "Nothing to do: that is for ever."],
  [
    "E261",
    "withdrawals_unpaid",
    "Approved withdrawals of the asset are not paid yet.",
    "Try again when the operators have paid them.",
  ],
  ["E263", "action_repeated", "A letter says each such thing once.", "Use another letter."],
  [
    "E264",
    "dividend_pending",
    "A dividend of the asset is not paid yet.",
    "Try again when it is paid: signet statement says what is scheduled.",
  ],
  [
    "E265",
    "dividend_pays_nobody",
    "No holder would get a unit of it.",
    "Pay more, or say who holds first: signet issue holders ASSET",
  ],
  [
    "E262",
    "actions_limit",
    "Too many corporate actions are scheduled.",
    "Try again when some of them are done.",
  ],
];

const keyLost = "Write to the operators: they can give the account another key, after a delay.";

/** Judged by seal before the engine reads a word (seal/open.ts). */
const seals: readonly Row[] = [
  ["E480", "key_expired", "The key that signed the letter has expired.", "signet explain E703"],
  ["E481", "key_revoked", "The key that signed the letter is revoked.", keyLost],
  ["E482", "signature_expired", "The letter's signature has expired.", "Sign without an expiry."],
  ["E483", "signatures_many", "The letter has more than one signature.", "Sign it once."],
  ["E486", "signature_from_future", "The signature's time lies in the future.", clock],
  ["E487", "signature_not_understood", "The signature has parts that must be understood.", byHand],
  ["E488", "signature_for_another", "The letter was signed for another recipient.", byHand],
  ["E489", "signer_cannot_sign", "The key that signed may not sign letters.", "Sign with its own."],
];

/** Every refusal by its name on the wire. */
export const rejections: ReadonlyMap<string, Rejection> = new Map(
  [...letters, ...lines, ...decisions, ...seals, ...rings, ...venue, ...keyRejections].map(
    ([code, name, title, next]) => [
      name,
      { code, title, next: next === "" ? "Nothing to do: the exchange does not offer it." : next },
    ],
  ),
);
