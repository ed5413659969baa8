import { randomInt } from 'node:crypto'
import { inspect, parseArgs } from 'node:util'
import { check } from './checker.ts'
import { NO_TROUBLE, runLab } from './lab/run.ts'
import { Nemesis } from './nemesis/nemesis.ts'
import { describeMeasured, describeRun } from './report.ts'
import { halfOpen } from './scenarios/half-open.ts'
import { killedWorker } from './scenarios/killed-worker.ts'
import type { Measured } from './scenarios/measured.ts'
import { overtaken } from './scenarios/overtaken.ts'
import { quiet } from './scenarios/quiet.ts'
import { terminated } from './scenarios/terminated.ts'

/*
 * The fault lab at full size. `--every 0` makes the great run a quiet one; `--requests 0` leaves it out, and
 * `--scenarios none` leaves out the measured ones.
 */
const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '100000' },
    workers: { type: 'string', default: '8' },
    spawners: { type: 'string', default: '4' },
    /** Over how long the spawns are spread. */
    seconds: { type: 'string', default: '600' },
    /** Milliseconds between two kills. */
    every: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    /** How many requests the quiet scenario has. */
    quiet: { type: 'string', default: '20000' },
    scenarios: { type: 'string', default: 'overtaken,killed,half-open,terminated,quiet' },
    /** How long all of it may take. What is not over by then is stuck. */
    minutes: { type: 'string', default: '180' },
  },
})
const seed = Number(values.seed)
const say = (text: string) => process.stdout.write(`${text}\n`)
const startedAt = performance.now()
let underWay = ''
let failures = 0
say(`seed ${seed}`)

function endWithVerdict(): never {
  say(`took ${Math.round((performance.now() - startedAt) / 1000)} s, ${failures} violations`)
  // Whatever may still be open, such as a connection that fell silent: all is said.
  process.exit(failures === 0 ? 0 : 1)
}

setTimeout(() => {
  failures++
  say(`not over after ${values.minutes} minutes: ${underWay}`)
  endWithVerdict()
}, Number(values.minutes) * 60_000)

/** A part that comes to no end of its own is a violation, and the others go on. */
async function part(name: string, work: () => Promise<{ violations: string[]; report: string }>): Promise<void> {
  underWay = name
  try {
    const { violations, report } = await work()
    failures += violations.length
    say(report)
  } catch (error) {
    failures++
    say(`${name} failed: ${inspect(error)}`)
  }
}

if (Number(values.requests) > 0) {
  const everyMs = Number(values.every)
  const options = {
    seed,
    requests: Number(values.requests),
    workers: Number(values.workers),
    spawners: Number(values.spawners),
    seconds: Number(values.seconds),
  }
  await part('the great run', async () => {
    const history = await runLab(options, (reach) => (everyMs > 0 ? new Nemesis(reach, everyMs) : NO_TROUBLE))
    const verdict = check(history)
    return { violations: verdict.violations, report: describeRun(seed, history, verdict) }
  })
}

const scenarios: Record<string, () => Promise<Measured>> = {
  overtaken: () => overtaken(seed),
  killed: () => killedWorker(seed),
  'half-open': () => halfOpen(seed),
  terminated: () => terminated(seed),
  quiet: () => quiet(seed, Number(values.quiet)),
}
for (const name of values.scenarios.split(',')) {
  const scenario = scenarios[name]
  if (!scenario) continue
  await part(name, async () => {
    const measured = await scenario()
    return { violations: measured.violations, report: describeMeasured(measured) }
  })
}
endWithVerdict()
