import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'
import { check } from './checker.ts'
import { runLab } from './lab/run.ts'
import { describeRun } from './report.ts'

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    workers: { type: 'string', default: '8' },
    spawners: { type: 'string', default: '4' },
    seconds: { type: 'string', default: '600' },
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
