/** The reports as a ribbon of linked beads; a missing one is seen, and fetched by a click. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { saveFile, useAsking, type Ask } from "./calls.ts";
import { Clock } from "./clock.tsx";
import type { AccountView, KeptFile, ReportView } from "./core/protocol.ts";
import { beadsOf, gapSentence, type Bead } from "./ribbonbeads.ts";
import { TroublePlace } from "./troublenote.tsx";
import { reportWords } from "./wordsrecords.ts";

const newestFirst = 24;

/** All reports of the account. */
export function Ribbon(props: { readonly account: AccountView; readonly ask: Ask }): JSX.Element {
  const { account, ask } = props;
  const { reports } = account;
  const [most, setMost] = useState(newestFirst);
  const [opened, setOpened] = useState<number | undefined>(undefined);
  const asking = useAsking();
  const gap = gapSentence(reports);
  const report = reports.find(({ number, missing }) => number === opened && !missing);
  const fetch = (): unknown => asking.run(ask("resendReports", {}));
  return (
    <section class="panel" aria-labelledby="ribbon">
      <h2 id="ribbon">Reports</h2>
      <p class="dim small">
        Everything that changes your account is in a report: numbered, signed by the exchange, and
        chained to the one before it.
      </p>
      {gap === undefined ? null : (
        <div class="note warn trouble">
          <p class="what">
            <span aria-hidden="true">◌</span> {gap}
          </p>
          <p>Your balances may be out of date; nothing is lost, the exchange keeps it.</p>
          <p class="buttons start">
            <button type="button" disabled={asking.busy} onClick={fetch}>
              {asking.busy ? "Fetching…" : "Fetch what is missing"}
            </button>
          </p>
          <p class="code">E505</p>
        </div>
      )}
      <TroublePlace told={asking.trouble} />
      {reports.length === 0 ? <p class="dim">No report is here yet.</p> : null}
      <ol class="beads" aria-label="Reports">
        {beadsOf(reports, most).map((bead) => (
          <BeadItem
            key={keyOf(bead)}
            bead={bead}
            opened={opened}
            onOpen={(number) => setOpened(number === opened ? undefined : number)}
            onFetch={fetch}
            onUnfold={() => setMost(most + 200)}
          />
        ))}
      </ol>
      {report === undefined ? null : (
        <Opened report={report} account={account} ask={ask} key={report.number} />
      )}
    </section>
  );
}

function keyOf(bead: Bead): string {
  if (bead.kind === "report") return `${bead.report.number}`;
  return bead.kind === "missing" ? `${bead.number}` : `to ${bead.to}`;
}

function BeadItem(props: {
  readonly bead: Bead;
  readonly opened: number | undefined;
  readonly onOpen: (number: number) => void;
  readonly onFetch: () => void;
  readonly onUnfold: () => void;
}): JSX.Element {
  const { bead, opened, onOpen, onFetch, onUnfold } = props;
  switch (bead.kind) {
    case "missing":
      return (
        <li class="missing">
          <button
            type="button"
            onClick={onFetch}
            aria-label={`Report ${bead.number} is missing: fetch it`}
            title={`Report ${bead.number} is missing. Click to fetch it.`}
          >
            ?
          </button>
        </li>
      );
    case "folded":
      return (
        <li class="folded">
          <button type="button" onClick={onUnfold}>
            {bead.from === bead.to ? bead.from : `${bead.from}–${bead.to}`}
          </button>
        </li>
      );
    case "report": {
      const { number, what } = bead.report;
      return (
        <li class={number === opened ? "open" : undefined}>
          <button
            type="button"
            aria-expanded={number === opened}
            aria-label={`Report ${number}: ${what}`}
            title={what}
            onClick={() => onOpen(number)}
          >
            {number}
          </button>
        </li>
      );
    }
  }
}

function Opened(props: {
  readonly report: ReportView;
  readonly account: AccountView;
  readonly ask: Ask;
}): JSX.Element {
  const { report, account, ask } = props;
  const asking = useAsking();
  const [file, setFile] = useState<KeptFile | undefined>(undefined);
  const words = file && reportWords(account.exchange, file.text);
  const read = async (): Promise<void> => {
    setFile(await asking.run(ask("report", { number: report.number })));
  };
  return (
    <article class="report" aria-label={`Report ${report.number}`}>
      <h3>
        Report {report.number} · <Clock at={report.at} /> UTC
      </h3>
      <p>{report.what}</p>
      {words === undefined ? null : (
        <>
          <p class="dim">
            {words.answers} Decided when the public log had {words.log} leaves.
          </p>
          <ol class="records">
            {words.sentences.map((sentence, index) => (
              <li key={index}>{sentence}</li>
            ))}
          </ol>
          <h4>As the exchange signed it</h4>
          <pre class="file" tabIndex={0} aria-label={`The text of report ${report.number}`}>
            {file?.text}
          </pre>
        </>
      )}
      <p class="buttons start">
        {file === undefined ? (
          <button type="button" disabled={asking.busy} onClick={read}>
            Every record of it
          </button>
        ) : (
          <button type="button" onClick={() => saveFile(file)}>
            Download
          </button>
        )}
      </p>
      <TroublePlace told={asking.trouble} />
    </article>
  );
}
