/**
 * How Node is started for a process in which the floor runs (docs/decisions/0021): the island, and
 * the benchmarks of the floor. Both options change only how quick it is, never what comes of it.
 */

/**
 * V8 inlines callees into a caller up to so many bytes of bytecode. A command goes through about
 * fifteen short functions; with V8's own limits (460 a function, 920 in all) half of them are
 * called, and each call loads the columns' addresses and lengths anew.
 */
export const engineFlags: readonly string[] = [
  "--max-inlined-bytecode-size=2000",
  "--max-inlined-bytecode-size-cumulative=5000",
];

/**
 * Columns are large blocks, which are walked at random: glibc asks the kernel for huge pages for
 * them (2 MiB instead of 4 KiB), so that their addresses are found without walking page tables.
 * Another C library passes the variable over.
 */
export const engineEnvironment = { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" } as const;
