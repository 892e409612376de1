/** What most orders do without: terms of other kinds of orders; a name, a deadline, an expiry. */
import type { ComponentChildren, JSX } from "preact";
import { useState } from "preact/hooks";
import { Select } from "./history.tsx";
import { Field, type TicketPart } from "./ticketfields.tsx";
import { mayBeCapped, mayExpire, tifOf, tifsOf } from "./ticketform.ts";
import { TroubleNote } from "./troublenote.tsx";

/** Opens by itself when something in it is wrong, and stays open when that was put right. */
function Disclosure(props: {
  readonly title: string;
  readonly isWrong: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details
      class="more"
      open={isOpen || props.isWrong}
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary>{props.title}</summary>
      {props.children}
    </details>
  );
}

/** Time in force, stop, cap, and what ends when it meets an own order. */
export function Advanced({ fields, complaints, set }: TicketPart): JSX.Element {
  const [, quote = ""] = fields.market.split("/");
  const terms = complaints.get("terms");
  const isWrong = complaints.has("stop") || complaints.has("cap") || terms !== undefined;
  const beyond = fields.side === "buy" ? "above" : "below";
  return (
    <Disclosure title="Advanced: time in force, stop, cap, own orders" isWrong={isWrong}>
      <Select
        label="Time in force"
        chosen={tifOf(fields)}
        options={tifsOf(fields)}
        onChoose={(tif) => set({ tif })}
      />
      <Field
        name="stop"
        label={`Stop: waits until the last trade is there or ${beyond} (may be empty)`}
        text={fields.stop}
        complaint={complaints.get("stop")}
        onText={(stop) => set({ stop })}
      />
      {mayBeCapped(fields) ? (
        <Field
          name="cap"
          label={`Pays at most, in ${quote} with the fee (empty: what is free)`}
          text={fields.cap}
          complaint={complaints.get("cap")}
          onText={(cap) => set({ cap })}
        />
      ) : null}
      <Select
        label="If it meets an order of mine"
        chosen={fields.own}
        options={[
          ["newest", "this one ends"],
          ["oldest", "the one that was there ends"],
          ["both", "both end"],
        ]}
        onChoose={(own) => set({ own })}
      />
      {terms === undefined ? null : <TroubleNote told={terms.told} />}
    </Disclosure>
  );
}

/** Name, deadline, expiry. */
export function More({ fields, complaints, set }: TicketPart): JSX.Element {
  const isWrong = complaints.has("id") || complaints.has("by") || complaints.has("expiry");
  return (
    <Disclosure title="Name, deadline, expiry" isWrong={isWrong}>
      <Field
        name="id"
        label="Your own name for it (may be empty)"
        hint="desk-42"
        text={fields.id}
        complaint={complaints.get("id")}
        onText={(id) => set({ id })}
      />
      <Field
        name="by"
        label="Void if not read within"
        text={fields.by}
        complaint={complaints.get("by")}
        onText={(by) => set({ by })}
      />
      {mayExpire(fields) ? (
        <Field
          name="expiry"
          label="Stands until (empty: until cancelled)"
          hint="24h"
          text={fields.expiry}
          complaint={complaints.get("expiry")}
          onText={(expiry) => set({ expiry })}
        />
      ) : null}
    </Disclosure>
  );
}
