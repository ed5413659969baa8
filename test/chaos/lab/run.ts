import { Crew } from '../nemesis/crew.ts'
import type { TcpProxy } from '../proxy/proxy.ts'
import { end, ends } from './child.ts'
import { drainingMs, spawningMs } from './deadlines.ts'
import { type Fault, type History, type ReceiverNote, type SpawnerNote, toArrivals } from './history.ts'
import { Lab } from './lab.ts'
import { until } from './until.ts'

export interface RunOptions {
  seed: number
  requests: number
  workers: number
  spawners: number
  /** Over how long the spawns are spread. */
  seconds: number
}

/** What there is to make trouble with. */
export interface Reach {
  seed: number
  lab: Lab
  crew: Crew
  receiver: TcpProxy
  note(fault: Fault): void
}

export interface Trouble {
  /** All spawns are done. When this resolves, the workers are free to do theirs. */
  calm(): Promise<void>
  /** Everything is final. */
  stop(): Promise<void>
}

export const NO_TROUBLE: Trouble = { calm: async () => {}, stop: async () => {} }

/**
 * Lets spawners and workers work in such trouble until everything is final or its time is over, and returns what all
 * parties noted.
 */
export function runLab(options: RunOptions, begin: (reach: Reach) => Trouble): Promise<History> {
  return Lab.use(options.seed, (lab) => runIn(lab, options, begin))
}

async function runIn(lab: Lab, options: RunOptions, begin: (reach: Reach) => Trouble): Promise<History> {
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
  const { seed } = options
  const trouble = begin({ seed, lab, crew, receiver: proxy, note: (fault) => faults.push(fault) })
  const withinMs = spawningMs(options)
  const ended = await Promise.all(spawners.map((spawner) => ends(spawner, withinMs)))
  for (const [index, spawner] of spawners.entries()) if (!ended[index]) lab.didNotEnd(spawner)
  await trouble.calm()
  await drained(() => lab.database.countUnfinished(), drainingMs(options))
  await trouble.stop()
  for (const worker of await crew.dismiss()) lab.didNotEnd(worker)
  await end(receiver, 'SIGKILL')

  return {
    ...(await lab.facts()),
    notes: names.flatMap((name) => lab.readLog<SpawnerNote>(name)),
    arrivals: toArrivals(lab.readLog<ReceiverNote>('receiver')),
    faults,
  }
}

/** What is not final after that time is for the checker to report. */
export async function drained(countUnfinished: () => Promise<number>, withinMs: number): Promise<void> {
  await until(withinMs, 300, async () => (await countUnfinished()) === 0)
}
