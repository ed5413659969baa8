/**
 * Milliseconds on the clock that all processes of a machine share. `performance.now()` begins at another moment in each
 * process, and the wall clock may be set in the middle of a run.
 */
export function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}
