/**
 * A letter's way, station by station: what happens there, what proves it, who could cheat and what
 * comes of that. Words of GLOSSARY.md.
 */
export type StationName = "wallet" | "relays" | "dock" | "airlock" | "island" | "publication";

export type Station = {
  readonly name: StationName;
  readonly title: string;
  /** Under the picture of the station. */
  readonly short: string;
  readonly happens: string;
  readonly proof: string;
  readonly cheat: string;
};

export const stations: readonly Station[] = [
  {
    name: "wallet",
    title: "You write and seal",
    short: "your device",
    happens:
      "An order is a letter: a few lines of text, signed by your key and sealed so that only the exchange opens it. Your device computes the order's id and keeps the sealed bytes before it sends them. There is no account to log into and no session to steal.",
    proof:
      "The signed text itself. Whoever holds it can show what you said, and nobody else could have said it.",
    cheat: "Nobody between you and the exchange can read the letter or change a character of it.",
  },
  {
    name: "relays",
    title: "Relays take it, and sign that they did",
    short: "several, anybody's",
    happens:
      "The same sealed bytes go to several relays. Each keeps them and signs a receipt: it has the letter, and will hand it on by a time that it names. The same letter through five relays takes effect once.",
    proof: "The receipt, a signed note. If the relay breaks its promise, the receipt convicts it.",
    cheat:
      "A relay can be slow or silent. It cannot read, change, or answer in the exchange's name. You send through another one.",
  },
  {
    name: "dock",
    title: "The dock collects",
    short: "outside the wall",
    happens:
      "The dock fetches letters from all relays, drops copies that are equal byte for byte, and puts the rest into a bundle with a number.",
    proof:
      "Bundles are numbered and signed: the island notices one that is missing or comes twice.",
    cheat:
      "It could leave letters out. Then the block of reads shows that yours was not read, and you send it again by another way.",
  },
  {
    name: "airlock",
    title: "Through the airlock",
    short: "files, no network",
    happens:
      "Two directories, in and out. Files are the only thing that crosses: the island has no socket, its program cannot even name one. What cannot be called cannot be broken into.",
    proof: "The island's whole program is searched for a way to a network in every test of it.",
    cheat: "There is nobody here to cheat.",
  },
  {
    name: "island",
    title: "The island reads and decides",
    short: "the engine, alone",
    happens:
      "The island opens the letter, checks its one signature, writes it into the journal, and only then acts: a pure function that gives the same result on any machine. Once a second it says the time, even if nothing happens.",
    proof:
      "Every ten seconds a leaf commits to the letters that were read. Your letter is in that block, or proven not to be: then it is void and never takes effect.",
    cheat:
      "It could treat you badly, but not secretly: what it published is signed, and it can publish only one history.",
  },
  {
    name: "publication",
    title: "Everything said is signed and public",
    short: "log, reports",
    happens:
      "Trades and levels become leaves of the public log; your report is sealed to you and its hash becomes a leaf too. A checkpoint signs all leaves at once. Relays serve it, and your wallet and this page check it again.",
    proof:
      "Inclusion under a signed checkpoint. Two checkpoints that contradict each other convict the exchange.",
    cheat:
      "A relay that shows another number is caught by your own browser: that number is never drawn.",
  },
];

/** What a wallet says about a letter, and what stands behind the word. */
export const states: readonly (readonly [state: string, means: string, proof: string])[] = [
  ["written", "signed and kept on your device", "the sealed bytes"],
  ["carried 2 of 3", "so many relays have it", "their signed receipts"],
  ["read", "the exchange was given it", "a READ leaf, and your letter's place in its block"],
  ["matched", "your order rests, or traded", "your report; its hash is a REPORT leaf"],
  ["final", "nothing about it will change", "the report with the order's end"],
  ["void", "it was not read in time and never will be", "its two neighbours in the block of reads"],
  ["not known until T", "a promise still runs until the time T", "the receipt that names T"],
];
