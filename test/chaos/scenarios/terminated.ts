import { setTimeout as sleep } from 'node:timers/promises'
import { check } from '../checker.ts'
import { type Reach, runLab, type Trouble } from '../lab/run.ts'
import type { Measured } from './measured.ts'

const ROUNDS = 100
const EVERY_MS = 200

/** I17: all backends are terminated, again and again, while there is work. */
export async function terminated(seed: number): Promise<Measured> {
  let ended = 0

  function begin({ lab, note }: Reach): Trouble {
    const terminating = (async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await sleep(EVERY_MS)
        const from = Date.now()
        ended += await lab.database.terminateBackends()
        note({ kind: 'terminate', pid: null, from, until: Date.now() })
      }
    })()
    return { calm: () => terminating, stop: async () => {} }
  }

  const options = { seed, requests: 3000, workers: 3, spawners: 2, seconds: 25 }
  const { violations, totals } = check(await runLab(options, begin))
  return {
    name: 'all backends terminated',
    figures: { times: ROUNDS, connections: ended, duplicates: totals.duplicated.length },
    violations,
  }
}
