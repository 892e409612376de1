/** The fields of the ticket, each with what is wrong with it and what could stand there instead. */
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import type { Complaint, FieldName, TicketFields } from "./ticketform.ts";
import { TroubleNote } from "./troublenote.tsx";

/** What a part of the ticket draws, and how it changes what was typed. */
export type TicketPart = {
  readonly fields: TicketFields;
  readonly complaints: ReadonlyMap<FieldName, Complaint>;
  readonly set: (change: Partial<TicketFields>) => void;
};

const numbers: readonly FieldName[] = ["quantity", "price", "stop", "cap"];

/** One of two, both in sight. */
export function Choice<Value extends string>(props: {
  readonly label: string;
  readonly chosen: Value;
  readonly options: readonly (readonly [Value, string])[];
  readonly onChoose: (value: Value) => void;
}): JSX.Element {
  const name = useId();
  return (
    <fieldset class="choice">
      <legend class="unseen">{props.label}</legend>
      {props.options.map(([value, label]) => (
        <label key={value} class={`pick-${value}`}>
          <input
            type="radio"
            name={name}
            checked={value === props.chosen}
            onChange={() => props.onChoose(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A field with its name above it and what is wrong with it below. */
export function Field(props: {
  readonly name: FieldName;
  readonly label: string;
  readonly text: string;
  readonly hint?: string;
  readonly complaint: Complaint | undefined;
  readonly onText: (text: string) => void;
}): JSX.Element {
  const { name, complaint, onText } = props;
  const id = useId();
  const isNumber = numbers.includes(name);
  return (
    <div class="field">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        name={name}
        value={props.text}
        inputMode={isNumber ? "decimal" : "text"}
        autocomplete="off"
        spellcheck={false}
        placeholder={props.hint}
        aria-invalid={complaint !== undefined}
        aria-describedby={complaint === undefined ? undefined : `${id}-wrong`}
        onInput={(event) => onText(event.currentTarget.value)}
      />
      {complaint === undefined ? null : (
        <TroubleNote told={complaint.told} id={`${id}-wrong`}>
          {complaint.offers.length === 0 ? null : (
            <p class="offers">
              {complaint.offers.map((offer) => (
                <button key={offer} type="button" onClick={() => onText(offer)}>
                  {offer}
                </button>
              ))}
            </p>
          )}
        </TroubleNote>
      )}
    </div>
  );
}
