import { type History, isFinal, isSuccess } from '../lab/history.ts'
import type { Violation } from './violation.ts'

export interface SpawnResult {
  acknowledged: number
  rolledBack: number
  /** Spawned without an acknowledgement, and there all the same: which is allowed. */
  recovered: string[]
  lost: string[]
  unexpected: string[]
  violations: Violation[]
}

/** A request fails as poisonous after so many leases in a row that ran out. */
const POISONOUS_AFTER = 5

/** I1 and I2: what was acknowledged ends in one final state, and what was rolled back never was. */
export function checkSpawns(history: History): SpawnResult {
  const fates = new Map<string, 'intent' | 'acked' | 'rolledback'>()
  for (const { what, ids } of history.spawns) for (const id of ids) fates.set(id, what)
  const requests = new Map(history.requests.map((request) => [request.id, request]))
  const accepted = new Set(history.arrivals.filter((one) => isSuccess(one.answer)).map((one) => one.id))
  const abandoned = countAbandonedInARow(history)
  const recovered: string[] = []
  const lost: string[] = []
  const unexpected: string[] = []
  const violations: Violation[] = []
  const lose = (about: string, says: string) => {
    lost.push(about)
    violations.push({ invariant: 'I1', about, says })
  }
  const surprise = (about: string, says: string) => {
    unexpected.push(about)
    violations.push({ invariant: 'I2', about, says })
  }

  for (const [id, fate] of fates) {
    const request = requests.get(id)
    if (fate === 'acked' && !request) lose(id, 'acknowledged, but not in the database')
    if (fate === 'rolledback' && request) surprise(id, 'rolled back, but in the database')
    if (!request || fate === 'rolledback') continue
    const { state, failureCode } = request
    if (fate === 'intent') recovered.push(id)
    if (!isFinal(state)) lose(id, `still ${state} at the end`)
    else if (state === 'delivered' && !accepted.has(id)) lose(id, 'delivered, but the receiver accepted nothing')
    else if (state === 'cancelled') lose(id, 'cancelled, but nobody cancelled it')
    else if (state === 'failed' && !(failureCode === 'poisonous' && (abandoned.get(id) ?? 0) >= POISONOUS_AFTER))
      lose(id, `failed as ${failureCode} for no reason`)
  }
  for (const id of requests.keys()) if (!fates.has(id)) surprise(id, 'in the database, but nobody spawned it')
  for (const id of new Set(history.arrivals.map((arrival) => arrival.id)))
    if (!requests.has(id)) surprise(id, 'sent, but not in the database')

  const count = (wanted: string) => [...fates.values()].filter((fate) => fate === wanted).length
  return { acknowledged: count('acked'), rolledBack: count('rolledback'), recovered, lost, unexpected, violations }
}

function countAbandonedInARow(history: History): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { id, outcome } of history.attempts)
    counts.set(id, outcome === 'abandoned' ? (counts.get(id) ?? 0) + 1 : 0)
  return counts
}
