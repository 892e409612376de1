/**
 * What the engine refuses, by name. Each list is in order of precedence: when several apply, the
 * first is the answer. The checks stand in this order in the code, the tables in
 * docs/spec/refusals.md and the rows of refusals.test.ts too.
 *
 * Refusals of a whole letter that need the engine's state (`seq_passed` … `papers_limit`) are at
 * the end of `letterRefusals` in letter/command.ts.
 */

/** Whatever the verb. */
export const lineRefusals = ["answer_full", "account_frozen"] as const;

/** What a letter may contain once only, or alone only. */
export const registerRefusals = ["already_registered"] as const;
export const statRefusals = ["stat_repeated"] as const;
export const resendRefusals = ["resend_not_alone", "report_unknown"] as const;
export const skipRefusals = ["skip_not_by_letter"] as const;

/** BUY and SELL: the floor's own list (src/floor/refusals.ts), behind what the engine looks up. */
export const placeRefusals = [
  "id_reused",
  "market_unknown",
  "phase_forbids",
  "kind_wrong",
  "price_not_on_tick",
  "price_too_high",
  "price_outside_limits",
  "quantity_too_small",
  "quantity_too_large",
  "expiry_passed",
  "orders_open_limit",
  "amount_too_large",
  "would_cross",
  "funds_short",
  "fok_unfillable",
] as const;

/** REPLACE. */
export const replaceRefusals = [
  "order_not_open",
  "kind_wrong",
  "replace_nothing",
  "phase_forbids",
  "price_not_on_tick",
  "price_too_high",
  "price_outside_limits",
  "quantity_too_small",
  "quantity_too_large",
  "amount_too_large",
  "would_cross",
  "funds_short",
] as const;

/** CANCEL, CANCELALL and CANCELAFTER. */
export const cancelRefusals = ["market_unknown", "order_not_open"] as const;
export const switchRefusals = ["switch_passed"] as const;

export const pushRefusals = ["asset_unknown", "push_to_self", "funds_short"] as const;
export const depositRefusals = ["id_reused", "asset_unknown", "deposits_awaited_limit"] as const;
export const withdrawRefusals = [
  "id_reused",
  "asset_unknown",
  "withdrawals_waiting_limit",
  "funds_short",
] as const;

/** CREDIT. */
export const creditRefusals = [
  "operators_only",
  "deposit_unknown",
  "deposit_settled",
  "request_differs",
  "supply_exceeded",
] as const;

/** APPROVE, REFUSE and PAID. */
export const settleRefusals = [
  "operators_only",
  "withdrawal_unknown",
  "withdrawal_settled",
  "withdrawal_not_waiting",
  "withdrawal_not_approved",
  "request_differs",
] as const;

/**
 * ROTATE: what was found of what it carries stands in the middle. Whose a key is comes last: it is
 * told to nobody but who has proved to have that key.
 */
export const rotateRefusals = [
  "key_change_pending",
  "proof_missing",
  "certificate_too_large",
  "certificate_malformed",
  "certificate_version",
  "certificate_algorithm",
  "certificate_weak_point",
  "certificate_of_another",
  "certificate_revoked",
  "certificate_expired",
  "certificate_cannot_sign",
  "certificate_cannot_encrypt",
  "certificate_older",
  "proof_wrong",
  "revocation_dropped",
  "key_in_use",
] as const;
export const vetoRefusals = ["no_key_change"] as const;
export const revokeRefusals = ["revocation_wrong"] as const;
/** REKEY, before those of ROTATE. */
export const rekeyRefusals = ["operators_only", "account_unknown"] as const;

/** HALT and RESUME. */
export const haltRefusals = ["operators_only", "market_unknown"] as const;

/** LIST, DIVIDEND, RATIO, RENAME, DELIST and HOLDERS. */
export const issuerRefusals = [
  "action_repeated",
  "asset_unknown",
  "asset_not_issued",
  "not_the_issuer",
  "already_delisted",
  "already_listed",
  "asset_not_listed",
  "shares_over_supply",
  "float_too_small",
  "record_passed",
  "record_too_far",
  "actions_limit",
  "name_not_reserved",
  "market_not_stopped",
  "dividend_pending",
  "withdrawals_unpaid",
  "amount_too_large",
  "funds_short",
  "dividend_pays_nobody",
] as const;

/** RING. */
export const ringRefusals = [
  "ring_not_offered",
  "ring_order_expired",
  "ring_token_unknown",
  "ring_order_impossible",
  "ring_auth_missing",
  "ring_auth_unreadable",
  "ring_auth_wrong",
  "ring_order_repeated",
  "id_reused",
  "ring_orders_too_many",
] as const;
export type RingOrderRefusal = (typeof ringRefusals)[number];
export const unringRefusals = ["ring_order_unknown"] as const;
export const observeRefusals = ["not_a_watcher", "observation_not_wanted"] as const;

export type PlaceRefusal = (typeof placeRefusals)[number];

/** Every refusal of one line by the engine. */
export type EngineRefusal =
  | (typeof lineRefusals)[number]
  | (typeof registerRefusals)[number]
  | (typeof statRefusals)[number]
  | (typeof resendRefusals)[number]
  | (typeof skipRefusals)[number]
  | PlaceRefusal
  | (typeof replaceRefusals)[number]
  | (typeof cancelRefusals)[number]
  | (typeof switchRefusals)[number]
  | (typeof pushRefusals)[number]
  | (typeof depositRefusals)[number]
  | (typeof withdrawRefusals)[number]
  | (typeof creditRefusals)[number]
  | (typeof settleRefusals)[number]
  | (typeof rekeyRefusals)[number]
  | (typeof vetoRefusals)[number]
  | (typeof revokeRefusals)[number]
  | (typeof haltRefusals)[number]
  | (typeof issuerRefusals)[number]
  | RingOrderRefusal
  | (typeof unringRefusals)[number]
  | (typeof observeRefusals)[number];

/**
 * A configuration that the engine will not take: the island refuses to start and says which line.
 */
export const configurationRefusals = [
  "configuration_not_ascii",
  "fact_unknown",
  "fact_malformed",
  "fact_repeated",
  "asset_unknown",
  "market_unknown",
  "name_taken",
  "day_over_midnight",
  "days_overlap",
  "operators_wrong",
  "ring_missing",
  "watchers_wrong",
  "must_stay",
] as const;
export type ConfigurationRefusal = (typeof configurationRefusals)[number];

/** The one answer that blames ourselves: a letter passed over by the operators (journal.md §6). */
export const engineFault = "engine_fault";
