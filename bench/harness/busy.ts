/** CPU seconds by the id of a process. */
export type CpuByProcess = ReadonlyMap<number, number>

/** Of what all took. Who took less was there, and did next to nothing. */
const LEAST_SHARE = 0.02

/** How many processes have done the work that was done in between. Who was not there before began at nothing. */
export function countBusy(before: CpuByProcess, after: CpuByProcess): number {
  const used = [...after].map(([pid, seconds]) => seconds - (before.get(pid) ?? 0))
  const all = used.reduce((sum, seconds) => sum + seconds, 0)
  return used.filter((seconds) => seconds > 0 && seconds >= all * LEAST_SHARE).length
}
