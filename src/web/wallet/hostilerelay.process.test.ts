/**
 * A relay that lies to a wallet in a real browser, in each way there is: last week's reply,
 * somebody else's, one that was changed on the way, somebody else's mail, a slow drip. Each is
 * refused, the relay is named with the code, and the honest one carries on as if nothing were.
 */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, test } from "node:test";

import { noBrowser, TestBrowser } from "../../testing/browser.ts";
import { freePort, TestExchange } from "../../testing/exchange.ts";
import { Front, type Meddle, type Said } from "../../testing/front.ts";
import { Newcomer } from "../../testing/newcomer.ts";
import { WalletCustomer } from "../../testing/walletcustomer.ts";

const skip = noBrowser();
const bob = new WalletCustomer();
let exchange: TestExchange;
let birch: Front;
/** Answers everything with one byte now and then, for ever. */
let drip: Server;
let browser: TestBrowser;
let newcomer: Newcomer;
let ofNewcomer: Buffer;
let ofBob: Buffer;

before(async () => {
  if (skip !== false) return;
  exchange = await TestExchange.create();
  drip = createServer((_request, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*" });
    const timer = setInterval(() => response.write(" "), 300);
    response.on("close", () => clearInterval(timer));
  });
  const [dripPort, birchPort, cedarPort] = [await freePort(), await freePort(), await freePort()];
  drip.listen(dripPort, "127.0.0.1");
  birch = await Front.start(`http://127.0.0.1:${birchPort}`);
  await exchange.addRelays(
    `birch ${birch.url} here ${birch.relay}`,
    `cedar http://127.0.0.1:${dripPort} here http://127.0.0.1:${cedarPort}`,
  );
  await Promise.all([exchange.start(), TestBrowser.launch().then((made) => (browser = made))]);
  await bob.setup(birch.url);
  ofBob = await replyThroughBirch();
  newcomer = new Newcomer(await browser.open(`${exchange.url}/wallet`));
  await newcomer.checkWords(await newcomer.makeKey());
  await newcomer.press("Only for this tab");
  await newcomer.isOpen();
  ofNewcomer = await replyThroughBirch();
});

after(async () => {
  bob.remove();
  await browser?.close();
  await birch?.close();
  drip?.closeAllConnections();
  drip?.close();
  await exchange?.remove();
});

/** The true reply to the last letter that went through birch. */
async function replyThroughBirch(): Promise<Buffer> {
  const posted = birch.crossings.findLast(({ asked }) => asked.method === "POST");
  const ref = /^ref ([0-9a-f]{64})$/m.exec(posted?.said.body.toString() ?? "")?.[1] ?? "";
  for (;;) {
    const reply = await fetch(`${birch.relay}/v1/letters/${ref}/reply`, {
      headers: { accept: "application/octet-stream" },
    });
    if (reply.status === 200) return Buffer.from(await reply.arrayBuffer());
    assert.equal(reply.status, 404);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Says this of every letter, whoever asks. */
function replies(sealed: () => Buffer): Meddle {
  return async (asked, forward) => {
    const said = await forward(asked);
    if (!asked.path.endsWith("/reply")) return said;
    return { ...said, status: 200, type: "application/octet-stream", body: sealed() };
  };
}

/** Has birch lie while the exchange stands still, so that no true answer comes first. */
async function caught(meddle: Meddle, code: string): Promise<void> {
  birch.meddle = meddle;
  process.kill(exchange.islandPid, "SIGSTOP");
  try {
    await newcomer.order({ side: "Buy", quantity: "1", price: "0.04" });
    await newcomer.sign();
    await named(code);
  } finally {
    process.kill(exchange.islandPid, "SIGCONT");
    birch.relent();
  }
  await newcomer.goTo("Trade");
  await newcomer
    .journey("Buy 1 GLD")
    .first()
    .getByText(/Rejected by the exchange/)
    .waitFor();
  await forgive();
}

async function named(code: string): Promise<void> {
  await newcomer.goTo("Key & relays");
  const row = newcomer.page.getByRole("listitem").filter({ hasText: "birch" });
  await row.getByText(/birch lied/).waitFor();
  await row.getByText(code, { exact: true }).waitFor();
}

async function forgive(): Promise<void> {
  await newcomer.goTo("Key & relays");
  await newcomer.press("Forgive, and ask it again");
  await newcomer.page.getByText(/birch lied/).waitFor({ state: "detached" });
}

test("last week's reply, to another letter", { skip }, async () => {
  await caught(
    replies(() => ofNewcomer),
    "E604",
  );
});

test("somebody else's reply", { skip }, async () => {
  await caught(
    replies(() => ofBob),
    "E601",
  );
});

test("a reply that was changed on the way", { skip }, async () => {
  const changed = Buffer.from(ofNewcomer);
  changed.writeUInt8(changed.readUInt8(changed.length - 40) ^ 1, changed.length - 40);
  await caught(
    replies(() => changed),
    "E601",
  );
});

test("somebody else's mail in the mailbox", { skip }, async () => {
  birch.meddle = async (asked, forward): Promise<Said> => {
    const said = await forward(asked);
    const [, tag, after] = /^\/v1\/mailboxes\/(\w+)(?:\?after=(\d+))?/.exec(asked.path) ?? [];
    if (tag === undefined) return said;
    const index = after === undefined ? 0 : Number(after) + 1;
    const entries = [{ index, sealed: ofBob.toString("base64") }];
    return { ...said, body: Buffer.from(JSON.stringify({ tag, entries, more: false })) };
  };
  await named("E607");
  await newcomer.opened.shoot("hostile-mail");
  birch.relent();
  await forgive();
});

test("a slow drip delays nobody, and is told to be silent", { skip }, async () => {
  await newcomer.goTo("Key & relays");
  const row = newcomer.page.getByRole("listitem").filter({ hasText: "cedar" });
  await row.getByText("no answer in 10 s").waitFor();
  await row.getByText("silent", { exact: true }).waitFor();
  newcomer.opened.calm(/v1\/snapshot|net::ERR|Failed to load resource|CORS/);
});
