/**
 * Keeps the market page fresh in a browser. Each two seconds it asks `/v1/relay` how far the
 * relay is; when there is a new publication it takes the page again and puts the new `main` in
 * place of the old one. The server stays the only printer. Between answers it counts the age up,
 * and says so when the relay falls silent: a number that is old must look old.
 */

const askMs = 2000;
const lateSeconds = 5;
const silentSeconds = 30;

type State = { readonly publication: number; readonly size: number; readonly age: number | null };

/** When the age was said, on this machine's steady clock, and what it was then. */
let said = { at: performance.now(), age: ageOnPage() };

function ageOnPage(): number | null {
  const text = document.getElementById("age")?.dataset["age"] ?? "";
  return text === "" ? null : Number(text);
}

function drawAge(): void {
  const place = document.getElementById("age");
  if (place === null || said.age === null) return;
  const age = said.age + (performance.now() - said.at) / 1000;
  place.textContent =
    age < 60 ? `${age.toFixed(1)} s old` : `silent for ${Math.floor(age / 60)} min`;
  place.className = age > silentSeconds ? "silent" : age > lateSeconds ? "late" : "";
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

async function askRelay(): Promise<State | undefined> {
  const response = await fetch("/v1/relay", { cache: "no-store", credentials: "omit" });
  const value: unknown = await response.json();
  const publication = field(field(value, "watermark"), "publication");
  const size = field(field(value, "watermark"), "size");
  const age = field(value, "ageSeconds");
  if (typeof publication !== "number" || typeof size !== "number") return undefined;
  return { publication, size, age: typeof age === "number" ? age : null };
}

async function takePage(): Promise<void> {
  const response = await fetch("/", { cache: "no-store", credentials: "omit" });
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const [from, to] = [fresh.querySelector(".wide"), document.querySelector(".wide")];
  if (from !== null && to !== null) to.replaceWith(from);
  document.title = fresh.title;
}

async function refresh(shown: number): Promise<number> {
  const state = await askRelay();
  if (state === undefined) return shown;
  said = { at: performance.now(), age: state.age };
  for (const [id, value] of [
    ["publication", state.publication],
    ["size", state.size],
  ] as const) {
    const place = document.getElementById(id);
    if (place !== null) place.textContent = String(value);
  }
  if (state.publication !== shown) await takePage();
  return state.publication;
}

async function run(): Promise<never> {
  let shown = Number(document.getElementById("main")?.dataset["publication"]);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, askMs));
    // A relay that does not answer is shown by the age, which goes on growing.
    if (!document.hidden) shown = await refresh(shown).catch(() => shown);
  }
}

setInterval(drawAge, 100);
drawAge();
void run();
