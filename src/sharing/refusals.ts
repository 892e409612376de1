/** Why a member's note or an order is not taken (docs/spec/sharing.md §5). */

/** In order of precedence, for notes; an order at a node's own door can meet only some of them. */
export const shareRefusals = [
  "share_too_large",
  "share_malformed",
  "auth_in_room",
  "auth_malformed",
  "order_malformed",
  "signature_malformed",
  "member_unknown",
  "share_signature_wrong",
  "share_rate",
  "share_early",
  "share_late",
  "venue_differs",
  "room_unknown",
  "miner_unknown",
  "share_repeated",
  "order_unknown",
  "sharer_differs",
  "order_over",
  "order_expired",
  "owner_signature_wrong",
  "ring_auth_missing",
  "ring_auth_unreadable",
  "ring_auth_wrong",
  "orders_too_many",
] as const;

export type ShareRefusal = (typeof shareRefusals)[number];
