import { CUT } from './postgres-proxy.ts'
import type { Call } from './wrapped-client.ts'

/**
 * `refused`: it is not run, and the caller sees an error. `unanswered`: it is run, but the caller sees an
 * error. `cut`: it is run, and the connection breaks before the answer comes.
 */
type Way = 'refused' | 'unanswered' | 'cut'

/** What befalls one call. */
export interface Fault {
  name: string
  nth: number
  way: Way
}

/** These change nothing, so it is all the same whether they were run. */
const READS = /^(describe|find|list|next|select)/

/** The ways in which a call of this name can fail. */
export function waysOf(name: string): Way[] {
  return READS.test(name) ? ['cut'] : ['refused', 'unanswered', 'cut']
}

/** `claimRequests #2 cut, releaseUnknownClaims #1 refused` */
export function describeFaults(faults: readonly Fault[]): string {
  return faults.map(({ name, nth, way }) => `${name} #${nth} ${way}`).join(', ')
}

export function hits(fault: Fault, call: Call): boolean {
  return fault.name === call.name && fault.nth === call.nth
}

/** Runs a call as its fault wants it, if it has one. */
export async function runWith(faults: readonly Fault[], call: Call): Promise<unknown> {
  const fault = faults.find((each) => hits(each, call))
  if (fault === undefined) return call.run()
  if (fault.way === 'cut') return call.run(CUT)
  if (fault.way === 'unanswered') await call.run()
  throw new Error(`injected: ${describeFaults([fault])}`)
}
