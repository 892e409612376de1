/**
 * `npm ci` ends here: installs the native parts that npm left out.
 *
 * npm skips an optional package whose `engines` the Node *it* runs on does not satisfy, and says
 * nothing. On a machine whose own Node is older than ours those are the native halves of Hardhat,
 * which run on the Node that `npm ci` has just installed. Reads package-lock.json, asks for exactly
 * the versions locked there, runs none of their scripts. With a new enough Node nothing is missing
 * and nothing is done. Plain JavaScript, because an old Node may be all there is.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

const locked = JSON.parse(readFileSync("package-lock.json", "utf8")).packages;
const libc = process.report.getReport().header.glibcVersionRuntime ? "glibc" : "musl";

/** Whether this machine is meant: no list means every machine. */
function fits(list, here) {
  return list === undefined || list.includes(here);
}

const missing = Object.entries(locked).filter(
  ([path, entry]) =>
    path.startsWith("node_modules/") &&
    entry.optional === true &&
    !existsSync(path) &&
    fits(entry.os, process.platform) &&
    fits(entry.cpu, process.arch) &&
    (process.platform !== "linux" || fits(entry.libc, libc)),
);
const npm = process.env["npm_execpath"];
if (missing.length > 0 && npm !== undefined) {
  const names = missing.map(([path, { version }]) => {
    const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
    return `${name}@${version}`;
  });
  console.log(`npm left out ${names.join(", ")}: installing`);
  const words = ["install", "--no-save", "--no-package-lock", "--ignore-scripts"];
  const { status } = spawnSync(process.execPath, [npm, ...words, ...names], { stdio: "inherit" });
  process.exitCode = status ?? 1;
}
