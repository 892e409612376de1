/**
 * Exit codes of processes that other processes start. Those of commands that people run:
 * wallet/errors.ts.
 */

/** The island will not run until somebody repairs something: its log says what and how. */
export const islandRefusedToStart = 3;
