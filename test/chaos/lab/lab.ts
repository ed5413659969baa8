import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createDatabase } from '../../support/databases.ts'
import { migrateDeploy } from '../../support/migrate.ts'
import { startPostgres } from '../../support/postgres.ts'
import { Nemesis } from '../nemesis.ts'
import { type Child, end, launch } from './child.ts'
import { LabDatabase } from './database.ts'
import { type Death, type Fault, type History, type ReceiverNote, type SpawnNote, toArrivals } from './history.ts'
import { readLog } from './log.ts'
import { randomOf } from './random.ts'

interface LabOptions {
  seed: number
  requests: number
  workers: number
  spawners: number
  /** Over how long the spawns are spread. */
  seconds: number
  /** Between two faults; 0 for none. */
  faultEveryMs: number
  /** How long everything may take to be final once the faults are over. */
  drainMs: number
}

/** Runs spawners, workers and a receiver against a Postgres of their own, with faults, and returns what they noted. */
export async function runLab(options: LabOptions): Promise<History> {
  const home = await mkdtemp(path.join(tmpdir(), 'requeuest-lab-'))
  const postgres = await startPostgres({ fsync: 'on', synchronous_commit: 'on', max_connections: '300' })
  const children: Child[] = []
  try {
    const url = await createDatabase(postgres.url, 'lab')
    await migrateDeploy(url)
    return await runWith(options, url, home, children)
  } finally {
    for (const child of children) child.process.kill('SIGKILL')
    await Promise.all(children.map((child) => child.exited))
    await postgres.stop()
    await rm(home, { recursive: true, force: true })
  }
}

async function runWith(options: LabOptions, url: string, home: string, children: Child[]): Promise<History> {
  const { seed } = options
  const database = new LabDatabase(url)
  await database.installAudit()
  const deaths = new Map<number, Death>()
  const faults: Fault[] = []
  const log = (name: string) => path.join(home, `${name}.jsonl`)
  const start = async (name: string, program: string, env: Record<string, string> = {}) => {
    const common = {
      DATABASE_URL: url,
      LAB_SEED: String(seed),
      LAB_NAME: name,
      LAB_LOG: log(name),
      LAB_DEATHS: log('deaths'),
    }
    const child = await launch(name, program, { ...common, ...env })
    children.push(child)
    void child.exited.then(({ code, signal }) => {
      const expected = child.ended ? code === 0 || signal === 'SIGKILL' : program === 'spawner' && code === 0
      if (!expected) deaths.set(child.pid, { name, pid: child.pid, code: String(signal ?? code) })
    })
    return child
  }

  const receiver = await start('receiver', 'receiver')
  let started = 0
  const startWorker = () => start(`worker-${++started}`, 'worker')
  const workers = await Promise.all(Array.from({ length: options.workers }, startWorker))
  const names = Array.from({ length: options.spawners }, (_, index) => `spawner-${index}`)
  const spawning = {
    LAB_REQUESTS: String(Math.ceil(options.requests / options.spawners)),
    LAB_SECONDS: String(options.seconds),
    LAB_RECEIVER: `http://127.0.0.1:${receiver.said}`,
  }
  const spawners = await Promise.all(names.map((name) => start(name, 'spawner', spawning)))

  const random = randomOf(seed, 'nemesis')
  const note = (fault: Fault) => faults.push(fault)
  const everyMs = options.faultEveryMs
  const nemesis = everyMs > 0 ? new Nemesis({ random, database, workers, startWorker, note, everyMs }) : undefined
  await Promise.all(spawners.map((spawner) => spawner.exited))
  await nemesis?.calm()
  await drained(database, options.drainMs)
  await nemesis?.stop()
  await Promise.all(workers.map((worker) => end(worker, 'SIGTERM')))
  await end(receiver, 'SIGKILL')
  for (const death of readLog<Death>(log('deaths'))) deaths.set(death.pid, death)

  return {
    spawns: names.flatMap((name) => readLog<SpawnNote>(log(name))),
    arrivals: toArrivals(readLog<ReceiverNote>(log('receiver'))),
    faults,
    requests: await database.requests(),
    attempts: await database.attempts(),
    moves: await database.moves(),
    deaths: [...deaths.values()],
  }
}

/** What is not final after that time is for the checker to report. */
async function drained(database: LabDatabase, withinMs: number): Promise<void> {
  const startedAt = performance.now()
  while (performance.now() - startedAt < withinMs && (await database.countUnfinished()) > 0) await sleep(200)
}
