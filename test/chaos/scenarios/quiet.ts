import { check } from '../checker.ts'
import { NO_TROUBLE, runLab } from '../lab/run.ts'
import type { Measured } from './measured.ts'

/** I4 where nothing is done to anybody: not one duplicate. */
export async function quiet(seed: number, requests: number): Promise<Measured> {
  const options = { seed, requests, workers: 4, spawners: 4, seconds: 0 }
  const startedAt = performance.now()
  const history = await runLab(options, () => NO_TROUBLE)
  const { violations, totals } = check(history)
  return {
    name: 'a quiet run',
    figures: {
      requests: history.requests.length,
      duplicates: totals.duplicated.length,
      seconds: Math.round((performance.now() - startedAt) / 1000),
    },
    violations,
  }
}
