/**
 * What goes into the engine and what comes out. Everything the engine knows of the world is in an
 * `Input`, and every `Input` is journaled before it is applied: time, randomness and keys included
 * (P9, P11). Replay is the same function over the same inputs.
 */
import type { Fingerprint, OrderId, Ref, Tag } from "../codec/names.ts";
import type { Time } from "../codec/time.ts";
import type { Command, Line } from "../letter/command.ts";
import { keyCommandsMax, ringCommandsMax } from "../letter/limits.ts";

/**
 * What was found about a RING line, or one that carries a certificate or a revocation, before it
 * was journaled, because replay has no keys and verifies nothing again (docs/spec/journal.md §3).
 * The numbers of the record are the order of this list.
 */
export const vettings = [
  "good",
  // The signature is not by the owner's key: a contract has to accept it (ERC-1271).
  "by_wallet",
  "ring_auth_unreadable",
  "ring_auth_wrong",
  // A certificate, a proof, a revocation: in order of precedence.
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
  "proof_wrong",
  "revocation_wrong",
  // Of a renewal.
  "certificate_older",
] as const;
/** One of `vettings`. */
export type Vetting = (typeof vettings)[number];

/** What may be wrong with what a line carries about keys. */
export type KeyFault = Exclude<
  Vetting,
  "good" | "by_wallet" | "ring_auth_unreadable" | "ring_auth_wrong"
>;

/** Of one letter. */
export const vettingsMax: number = ringCommandsMax + keyCommandsMax;

const vettedKinds = ["ring", "rotate", "rekey", "revoke"] as const;
type VettedKind = (typeof vettedKinds)[number];
/** A command of which more is journaled than its text. */
export type VettedCommand = Extract<Command, { readonly kind: VettedKind }>;

/** The command of a well-formed line that is vetted; `undefined` for every other line. */
export function vettedCommand({ command }: Line): VettedCommand | undefined {
  if (!command.ok) return undefined;
  const { value } = command;
  return isVetted(value) ? value : undefined;
}

function isVetted(command: Command): command is VettedCommand {
  return vettedKinds.some((kind) => kind === command.kind);
}

/** Tickets that one letter is given. */
export const ticketsMax = 3;

/** The longest argument of `submit` that is authored and published, bytes. */
export const calldataBytesMax = 65_536;

export type Input =
  /** The exchange's configuration, whole, as its file says it (docs/spec/exchange.md §3). */
  | { readonly kind: "configure"; readonly at: Time; readonly text: string }
  /** The clock, at least every second while nothing else happens: expiry, and a leaf in the log. */
  | {
      readonly kind: "tick";
      readonly at: Time;
      /** It ends blocks of reads; ticks of journals from before there were any do not. */
      readonly commits?: true;
    }
  /**
   * A letter that opened: exactly one good signature, judged at `at`. `signer` is the primary key's
   * fingerprint of the certificate it was judged by; whose account that is, the state knows.
   */
  | {
      readonly kind: "letter";
      readonly at: Time;
      readonly ref: Ref;
      readonly signer: Fingerprint;
      /** The signed text, Latin-1, one character a byte. */
      readonly text: string;
      /**
       * Fresh randomness, 64 hex: becomes the account's mailbox secret if this letter registers it;
       * the mailboxes of those who are paid and have not registered are derived from it.
       */
      readonly random: string;
      /** One for each line of `vettedCommand`, in order: what the island found. */
      readonly vetted: readonly Vetting[];
      /** Tickets for the answer (docs/spec/postage.md): nothing here could sign them. */
      readonly tickets?: readonly string[];
      /**
       * Another input of the same batch follows. What this one has to tell others waits for the
       * last of them, so that everybody gets one report of a batch (docs/spec/report.md §1.9).
       */
      readonly more?: true;
    }
  /** Rings that the miner authored: what is sent to the contract, lower-case hex without `0x`. */
  | { readonly kind: "submission"; readonly at: Time; readonly calldata: string }
  /**
   * A letter with a good signature by a registered key that the signature policy refuses (expired
   * key, two signatures …): its customer is told why, and nothing else happens.
   */
  | {
      readonly kind: "refused";
      readonly at: Time;
      readonly ref: Ref;
      readonly signer: Fingerprint;
      readonly text: string;
      readonly name: string;
      readonly detail: string;
    }
  /**
   * An opened letter that tripped an assertion, passed by the operators (docs/spec/journal.md §6).
   */
  | {
      readonly kind: "fault";
      readonly at: Time;
      readonly ref: Ref;
      readonly signer: Fingerprint;
      readonly text: string;
    };

/** A text for one customer, to be sealed by the island. */
export type Document = {
  /** A customer, or the exchange itself: a decoy, which is sealed so that nobody else reads it. */
  readonly to: Fingerprint;
  /** Report number, or `undefined` for an unnumbered answer. */
  readonly report: number | undefined;
  readonly text: string;
  readonly delivery: Delivery;
};

export type Delivery =
  /** The direct reply to a letter, fetched by its ref. */
  | {
      readonly kind: "reply";
      readonly ref: Ref;
      readonly orderId: OrderId;
      /**
       * The letter counts: if it comes again, this is sent again. A refused letter may yet count.
       */
      readonly stands: boolean;
    }
  /** A report nobody asked for just now: entry `index` of mailbox `tag`. */
  | { readonly kind: "mail"; readonly tag: Tag; readonly index: number };

export type Output = {
  /** Public leaves, in order, each one ASCII line without LF (docs/spec/log.md §3). */
  readonly leaves: readonly string[];
  /** Each adds one REPORT leaf, in order, after `leaves`. */
  readonly documents: readonly Document[];
  /**
   * Work the island does from its archive, because the engine keeps no texts. Each adds one
   * document, and so one REPORT leaf, after `documents`, in order.
   */
  readonly archive: readonly ArchiveRequest[];
  /** Each goes out with its SUBMISSION leaf in one publication (docs/spec/log.md §5). */
  readonly submissions: readonly SubmissionOut[];
  /** The refs of the READ leaf, if `leaves` has one, ascending. */
  readonly reads: readonly Ref[];
  /** Accounts whose certificates are other ones now, if there are any. */
  readonly keys?: readonly Fingerprint[];
};

/** A submission that the engine took; `calldata` is lower-case hex without `0x`. */
export type SubmissionOut = { readonly number: number; readonly calldata: string };

export type ArchiveRequest =
  /** The same letter came again: send the first answer to `first` again, byte for byte. */
  | { readonly kind: "repeat"; readonly ref: Ref; readonly first: OrderId }
  /** Reports `from` to `upTo` of `to` again, inside one answer whose opening lines are `head`. */
  | {
      readonly kind: "resend";
      readonly ref: Ref;
      readonly orderId: OrderId;
      readonly to: Fingerprint;
      readonly from: number;
      readonly upTo: number;
      readonly head: string;
    };
