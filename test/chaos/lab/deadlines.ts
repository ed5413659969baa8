import { TIMEOUT_MS } from '../programs/script.ts'

/*
 * How long the parts of a run may take: far more than they do on a busy machine, so that what takes longer is stuck, and
 * that goes into the verdict.
 */

/** What a run is asked to do. */
interface Work {
  requests: number
  /** Over how long the spawns are spread. */
  seconds: number
}

/** What the library adds to the timeout of a request to make its lease. */
export const GRACE_MS = 30_000
/** Each fault holds its spawner up for some seconds. */
const FAULTS_MS = 60_000
const SPAWN_MS = 50
const DELIVERY_MS = 20
const STARTS_AND_ENDS_MS = 180_000

export function spawningMs({ requests, seconds }: Work): number {
  return seconds * 1000 + FAULTS_MS + requests * SPAWN_MS
}

/** From when the troubles are over until everything is final: what was claimed then may be lost with its worker, and what is claimed next. */
export function drainingMs({ requests }: Pick<Work, 'requests'>): number {
  return 2 * (TIMEOUT_MS + GRACE_MS) + requests * DELIVERY_MS
}

export function longestMs(work: Work): number {
  return spawningMs(work) + drainingMs(work) + STARTS_AND_ENDS_MS
}
