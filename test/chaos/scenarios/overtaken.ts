import { check } from '../checker.ts'
import { GRACE_MS } from '../lab/deadlines.ts'
import { type Fault, type SpawnNote, toArrivals } from '../lab/history.ts'
import { Lab } from '../lab/lab.ts'
import { drained } from '../lab/run.ts'
import { REFUSED_AT_FIRST, REQUESTS_AT_ONCE } from '../programs/script.ts'
import type { Measured } from './measured.ts'

const TIMEOUT_MS = 20_000

/** A worker stands still until another has its requests, and then reports that they failed: they are not its own. */
export function overtaken(seed: number): Promise<Measured> {
  return Lab.use(seed, async (lab) => {
    const { proxy } = await lab.startReceiver()
    const first = await lab.startWorker()
    const insertedAt = Date.now()
    await lab.database.insert(`http://127.0.0.1:${proxy.port}${REFUSED_AT_FIRST}`, TIMEOUT_MS, REQUESTS_AT_ONCE)
    await lab.database.untilHeldBy(first.pid, REQUESTS_AT_ONCE)
    const stoppedAt = Date.now()
    first.process.kill('SIGSTOP')
    await lab.database.expireLeases([first.pid])
    const second = await lab.startWorker()
    await lab.database.untilHeldBy(second.pid, REQUESTS_AT_ONCE)
    first.process.kill('SIGCONT')
    const stopped: Fault = { kind: 'stop', pid: first.pid, from: stoppedAt, until: Date.now() }
    // A claim that got lost when the worker stood still is over with its lease.
    await drained(() => lab.database.countUnfinished(), TIMEOUT_MS + GRACE_MS + 10_000)
    const facts = await lab.facts()
    const acked: SpawnNote = { what: 'acked', ids: facts.requests.map((request) => request.id), at: insertedAt }
    const history = { ...facts, notes: [acked], arrivals: toArrivals(lab.readLog('receiver')), faults: [stopped] }
    const told = (outcome: string) => history.attempts.filter((attempt) => attempt.outcome === outcome).length
    const figures = { requests: REQUESTS_AT_ONCE, refused: told('rejected'), accepted: told('accepted') }
    const { violations } = check(history)
    if (figures.refused < REQUESTS_AT_ONCE) violations.push('the first worker did not report all of its attempts')
    return { name: 'an overtaken worker', figures, violations }
  })
}
