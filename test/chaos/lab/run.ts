import { setTimeout as sleep } from 'node:timers/promises'
import { Crew } from '../nemesis/crew.ts'
import { createFaults } from '../nemesis/faults.ts'
import { Nemesis } from '../nemesis/nemesis.ts'
import { end } from './child.ts'
import type { Fault, History, ReceiverNote, SpawnerNote } from './history.ts'
import { toArrivals } from './history.ts'
import { Lab } from './lab.ts'
import { randomOf } from './random.ts'

export interface RunOptions {
  seed: number
  requests: number
  workers: number
  spawners: number
  /** Over how long the spawns are spread. */
  seconds: number
  /** Between two kills, and between two other faults; 0 for a quiet run. */
  faultEveryMs: number
  /** How long everything may take to be final once the faults are over. */
  drainMs: number
}

/** Lets spawners and workers work under faults until everything is final, and returns what all parties noted. */
export function runLab(options: RunOptions): Promise<History> {
  return Lab.use(options.seed, (lab) => runIn(lab, options))
}

async function runIn(lab: Lab, options: RunOptions): Promise<History> {
  const { database } = lab
  const { receiver, proxy } = await lab.startReceiver()
  const crew = await Crew.of(options.workers, () => lab.startWorker())
  const names = Array.from({ length: options.spawners }, (_, index) => `spawner-${index}`)
  const spawning = {
    LAB_REQUESTS: String(Math.ceil(options.requests / options.spawners)),
    LAB_SECONDS: String(options.seconds),
    LAB_RECEIVER: `http://127.0.0.1:${proxy.port}`,
  }
  const spawners = await Promise.all(names.map((name) => lab.start(name, 'spawner', spawning)))

  const faults: Fault[] = []
  const random = randomOf(options.seed, 'nemesis')
  const everyMs = options.faultEveryMs
  const kinds = createFaults({
    random,
    database,
    crew,
    postgres: lab.postgres,
    receiver: proxy,
    crash: () => lab.crash(),
    note: (fault) => faults.push(fault),
  })
  const nemesis = everyMs > 0 ? new Nemesis({ random, faults: kinds, database, crew, everyMs }) : undefined
  await Promise.all(spawners.map((spawner) => spawner.exited))
  await nemesis?.calm()
  await drained(() => database.countUnfinished(), options.drainMs)
  await nemesis?.stop()
  for (const worker of await crew.dismiss()) lab.didNotObey(worker)
  await end(receiver, 'SIGKILL')

  return {
    ...(await lab.facts()),
    notes: names.flatMap((name) => lab.readLog<SpawnerNote>(name)),
    arrivals: toArrivals(lab.readLog<ReceiverNote>('receiver')),
    faults,
  }
}

/** What is not final after that time is for the checker to report. */
async function drained(countUnfinished: () => Promise<number>, withinMs: number): Promise<void> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < withinMs && (await countUnfinished()) > 0) await sleep(300)
}
