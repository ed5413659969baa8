import { setTimeout as sleep } from 'node:timers/promises'
import { check } from '../checker.ts'
import type { WorkerNote } from '../lab/history.ts'
import { type Reach, runLab, type Trouble } from '../lab/run.ts'
import type { Measured } from './measured.ts'

const SILENT_MS = 60_000
const NOTICED_WITHIN_MS = 15_000
/** So that some work is under way when it begins. */
const BEGIN_AFTER_MS = 3000

/** I11: every connection to Postgres goes silent for a minute, longer than any lease lasts. */
export async function halfOpen(seed: number): Promise<Measured> {
  let silence = { from: 0, until: 0 }
  let errors = new Map<string, WorkerNote[]>()

  function begin({ lab, crew, note }: Reach): Trouble {
    const names = crew.names
    const silenced = (async () => {
      await sleep(BEGIN_AFTER_MS)
      const from = Date.now()
      lab.postgres.silence()
      await sleep(SILENT_MS)
      lab.postgres.heal()
      silence = { from, until: Date.now() }
      note({ kind: 'postgres-blackhole', pid: null, ...silence })
    })()
    return {
      calm: () => silenced,
      stop: async () => {
        errors = new Map(names.map((name) => [name, lab.readLog<WorkerNote>(name)]))
      },
    }
  }

  const options = { seed, requests: 3000, workers: 3, spawners: 2, seconds: 10 }
  const history = await runLab(options, begin)
  const { violations, totals } = check(history)
  const noticed = [...errors.values()].map((notes) => {
    const first = notes.find((note) => note.at >= silence.from)
    return (first?.at ?? Number.POSITIVE_INFINITY) - silence.from
  })
  const noticedMs = Math.round(Math.max(...noticed))
  const claimed = history.moves.find((move) => move.to === 'claimed' && move.at > silence.until)
  if (noticedMs > NOTICED_WITHIN_MS) violations.push(`I11 Postgres: its silence was noticed after ${noticedMs} ms`)
  return {
    name: 'a silent Postgres',
    figures: {
      'noticed after ms': noticedMs,
      'first claim after ms': Math.round((claimed?.at ?? Number.POSITIVE_INFINITY) - silence.until),
      duplicates: totals.duplicated.length,
    },
    violations,
  }
}
