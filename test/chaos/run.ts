import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { check } from './checker.ts'
import { runLab } from './lab/lab.ts'
import { describeRun } from './report.ts'

/** `tsx test/chaos/run.ts --requests 100000 --workers 8 --seconds 300 --seed 1`; `--every 0` is a quiet run. */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    workers: { type: 'string', default: '8' },
    spawners: { type: 'string', default: '2' },
    seconds: { type: 'string', default: '300' },
    every: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
})
const seed = Number(values.seed)
process.stdout.write(`seed ${seed}\n`)
const startedAt = performance.now()
const history = await runLab({
  seed,
  requests: Number(values.requests),
  workers: Number(values.workers),
  spawners: Number(values.spawners),
  seconds: Number(values.seconds),
  faultEveryMs: Number(values.every),
  drainMs: 120_000,
})
const verdict = check(history)
process.stdout.write(`${describeRun(seed, history, verdict)}\n`)
process.stdout.write(`took ${Math.round((performance.now() - startedAt) / 1000)} s\n`)
process.exitCode = verdict.violations.length === 0 ? 0 : 1
