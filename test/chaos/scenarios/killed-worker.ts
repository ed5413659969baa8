import { end } from '../lab/child.ts'
import { GRACE_MS } from '../lab/deadlines.ts'
import { Lab } from '../lab/lab.ts'
import { drained } from '../lab/run.ts'
import { REQUESTS_AT_ONCE, SILENT_AT_FIRST } from '../programs/script.ts'
import type { Measured } from './measured.ts'

const TIMEOUT_MS = 3000
const WITHIN_MS = 5000

/** Nobody makes time pass here: how long does it truly take until a killed worker's requests are retried? */
export function killedWorker(seed: number): Promise<Measured> {
  return Lab.use(seed, async (lab) => {
    const { proxy } = await lab.startReceiver()
    const doomed = await lab.startWorker()
    await lab.database.insert(`http://127.0.0.1:${proxy.port}${SILENT_AT_FIRST}`, TIMEOUT_MS, REQUESTS_AT_ONCE)
    await lab.database.untilHeldBy(doomed.pid, REQUESTS_AT_ONCE)
    const killedAt = Date.now()
    await end(doomed, 'SIGKILL')
    await lab.startWorker()
    await drained(() => lab.database.countUnfinished(), TIMEOUT_MS + GRACE_MS + 4 * WITHIN_MS)
    const { attempts } = await lab.facts()
    const again = attempts.filter((attempt) => attempt.number === 2).map((attempt) => attempt.startedAt - killedAt)
    const longestMs = Math.round(Math.max(...again))
    const violations: string[] = []
    if (again.length < REQUESTS_AT_ONCE) violations.push(`only ${again.length} of ${REQUESTS_AT_ONCE} were retried`)
    if (longestMs > TIMEOUT_MS + GRACE_MS + WITHIN_MS) violations.push('retried too late')
    return {
      name: 'a killed worker',
      figures: { requests: again.length, 'lease ms': TIMEOUT_MS + GRACE_MS, 'retried after ms': longestMs },
      violations,
    }
  })
}
