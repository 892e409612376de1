/**
 * Measuring: quantiles, slopes, and what the kernel says of a process (Linux, /proc). Memory is the
 * resident set, processor time is user and system together, all threads of the process included.
 */
import { readFileSync } from "node:fs";

/** The value below which the part `q` of the values lies; the values are sorted in place. */
export function quantile(values: number[], q: number): number {
  values.sort((a, b) => a - b);
  const index = Math.min(values.length - 1, Math.ceil(values.length * q) - 1);
  return values[Math.max(0, index)] ?? Number.NaN;
}

/** The slope of the least-squares line through the points. */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const n = points.length;
  const meanX = points.reduce((sum, [x]) => sum + x, 0) / n;
  const meanY = points.reduce((sum, [, y]) => sum + y, 0) / n;
  const over = points.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  const under = points.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  return over / under;
}

/** Resident memory of a process in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(status);
  if (match === null) throw new Error(`couldn't read the memory of process ${pid}`);
  return Number(match[1]) / 1024;
}

const ticksPerSecond = 100;

/** Processor seconds that a process has used since it began. */
export function processorSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  // The name in brackets may contain blanks; user and system time are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/**
 * Processor seconds that this process has used, the threads that collect its garbage included: what
 * other processes do hardly moves it.
 */
export function processSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

export function secondsSince(start: number): number {
  return (performance.now() - start) / 1000;
}
