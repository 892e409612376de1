/**
 * Submissions as any relay gives them to anybody (`GET /v1/ring/submissions`, docs/spec/receipt.md
 * §2). A relay can be late or lie: what it says is bounded and read strictly, and of what it says
 * only the calldata count, which protect themselves. Sentences name its host alone.
 */
import { type Address } from "../codec/ethereum.ts";
import { nameOfUrl, reachOf } from "../codec/reach.ts";
import { addressIn, bytesIn, field, listIn } from "./answers.ts";
import type { OfferedSubmission } from "./broadcaster.ts";

const answerBytesMax = 8 * 1024 * 1024;
const waitSeconds = 20;
const patienceSeconds = 20;

export type FeedVenue = { readonly chainId: bigint; readonly contract: Address };

/** The contract for which this relay has submissions. */
export async function venueOf(relay: string): Promise<FeedVenue> {
  const venue = await getJson(relay, "/v1/ring/venue", patienceSeconds);
  const chainId = field(venue, "chainId");
  if (typeof chainId !== "string" || !/^[1-9]\d{0,18}$/.test(chainId)) {
    throw new Error(`couldn't use what ${nameOfUrl(relay)} says of the venue: it has no chain`);
  }
  return { chainId: BigInt(chainId), contract: addressIn(field(venue, "contract")) };
}

/** Submissions numbered above `after` of which something is still open; waits for one to come. */
export async function submissionsOf(
  relay: string,
  { after, signal }: { readonly after: number; readonly signal: AbortSignal },
): Promise<{ readonly open: readonly OfferedSubmission[]; readonly last: number }> {
  const path = `/v1/ring/submissions?after=${after}&wait=${waitSeconds}`;
  const answer = await getJson(relay, path, waitSeconds + patienceSeconds, signal);
  let last = after;
  const open = listIn(field(answer, "submissions")).flatMap((one) => {
    const number = field(one, "number");
    if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 1) {
      throw new Error(`couldn't use a submission of ${nameOfUrl(relay)}: it has no number`);
    }
    last = Math.max(last, number);
    const isOpen = listIn(field(one, "rings")).some((ring) => field(ring, "state") === "authored");
    return isOpen ? [{ number, calldata: bytesIn(field(one, "calldata")) }] : [];
  });
  return { open, last };
}

async function getJson(
  relay: string,
  path: string,
  seconds: number,
  signal?: AbortSignal,
): Promise<unknown> {
  try {
    const timeout = AbortSignal.timeout(seconds * 1000);
    const reach = reachOf(relay);
    if (reach === undefined || !URL.canParse(reach.url)) {
      throw new Error("it is no address with http:// or https://");
    }
    const { url, authorization } = reach;
    const response = await fetch(`${url.replace(/\/+$/, "")}${path}`, {
      headers: authorization === undefined ? {} : { authorization },
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
      redirect: "error",
    });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.length;
      if (size > answerBytesMax) throw new Error(`more than ${answerBytesMax} bytes`);
      chunks.push(chunk);
    }
    if (response.status !== 200) throw new Error(`status ${response.status}`);
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (cause) {
    throw new Error(`couldn't get ${path.replace(/\?.*/, "")} from ${nameOfUrl(relay)}`, { cause });
  }
}
