import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDatabase } from '../../support/databases.ts'
import { migrateDeploy } from '../../support/migrate.ts'
import { type EmbeddedPostgres, startPostgres } from '../../support/postgres.ts'
import { TcpProxy } from '../proxy/proxy.ts'
import { type Child, launch } from './child.ts'
import { Closers, dieCleanly } from './cleanup.ts'
import { LabDatabase } from './database.ts'
import type { Death, WorkerFact } from './history.ts'
import { readLog } from './log.ts'

const HOUR_MS = 3_600_000
/** Of four workers, two have a clock that is wrong. */
const SKEWS_MS = [0, HOUR_MS, 0, -HOUR_MS]

interface LabParts {
  seed: number
  home: string
  server: EmbeddedPostgres
  /** Of the lab's database, without a proxy. */
  url: string
  postgres: TcpProxy
  closers: Closers
}

/** A Postgres of its own and the processes that reach it through a proxy. */
export class Lab {
  readonly database: LabDatabase
  readonly #parts: LabParts
  readonly #children: Child[] = []
  readonly #deaths = new Map<number, Death>()
  readonly #workers: WorkerFact[] = []
  readonly #mishaps: string[] = []
  #workersStarted = 0
  #deadlocks = 0
  #crashing: Promise<void> = Promise.resolve()

  private constructor(parts: LabParts) {
    this.#parts = parts
    this.database = new LabDatabase(parts.url)
  }

  /** Sets it up, lets `work` use it, and leaves nothing behind, whatever happens. */
  static async use<T>(seed: number, work: (lab: Lab) => Promise<T>): Promise<T> {
    await using closers = new Closers()
    closers.add(dieCleanly())
    const home = mkdtempSync(path.join(tmpdir(), 'requeuest-lab-'))
    const removeHome = () => rmSync(home, { recursive: true, force: true })
    process.once('exit', removeHome)
    closers.add(() => {
      process.removeListener('exit', removeHome)
      removeHome()
    })
    const server = await startPostgres({ fsync: 'on', synchronous_commit: 'on', max_connections: '300' })
    closers.add(() => server.stop())
    const url = await createDatabase(server.url, 'lab')
    await migrateDeploy(url)
    const postgres = await TcpProxy.open(Number(new URL(url).port))
    closers.add(() => postgres.close())
    const lab = new Lab({ seed, home, server, url, postgres, closers })
    closers.add(() => lab.#killAll())
    await lab.database.installAudit()
    return await work(lab)
  }

  /** What the processes reach Postgres through. */
  get postgres(): TcpProxy {
    return this.#parts.postgres
  }

  /** Starts a program. One that ends although nobody ended it goes down in the history. */
  async start(name: string, program: string, env: Record<string, string> = {}): Promise<Child> {
    const { seed, url, postgres } = this.#parts
    const throughProxy = new URL(url)
    throughProxy.port = String(postgres.port)
    const child = await launch(name, program, {
      DATABASE_URL: String(throughProxy),
      LAB_SEED: String(seed),
      LAB_NAME: name,
      LAB_LOG: this.logFile(name),
      LAB_DEATHS: this.logFile('deaths'),
      ...env,
    })
    this.#children.push(child)
    void child.exited.then(({ code, signal }) => {
      const expected = child.ended ? code === 0 || signal === 'SIGKILL' : program === 'spawner' && code === 0
      if (!expected) this.#note({ name, pid: child.pid, code: String(signal ?? code) })
    })
    return child
  }

  async startWorker(): Promise<Child> {
    const number = ++this.#workersStarted
    const skewMs = SKEWS_MS[number % SKEWS_MS.length] as number
    const worker = await this.start(`worker-${number}`, 'worker', { LAB_SKEW_MS: String(skewMs) })
    this.#workers.push({ name: worker.name, pid: worker.pid, skewMs })
    return worker
  }

  /** The receiver's process, behind a proxy. */
  async startReceiver(): Promise<{ receiver: Child; proxy: TcpProxy }> {
    const receiver = await this.start('receiver', 'receiver')
    const proxy = await TcpProxy.open(Number(receiver.said))
    this.#parts.closers.add(() => proxy.close())
    return { receiver, proxy }
  }

  /** One crash after another: there is one server. */
  async crash(): Promise<void> {
    this.#crashing = this.#crashing.then(async () => {
      this.#deadlocks += await this.database.countDeadlocks()
      await this.#parts.server.crash()
    })
    await this.#crashing
  }

  /** It had to be killed. */
  didNotEnd(child: Child): void {
    this.#note({ name: child.name, pid: child.pid, code: 'a kill, for it did not end in time' })
  }

  /** Something that the lab wanted to do has failed. */
  failed(error: unknown): void {
    this.#mishaps.push(String(error))
  }

  readLog<T>(name: string): T[] {
    return readLog<T>(this.logFile(name))
  }

  /** What only the lab itself can tell of a run. */
  async facts() {
    const [requests, attempts, moves, deadlocks] = await Promise.all([
      this.database.requests(),
      this.database.attempts(),
      this.database.moves(),
      this.database.countDeadlocks(),
    ])
    for (const death of this.readLog<Death>('deaths')) this.#note(death)
    return {
      requests,
      attempts,
      moves,
      deadlocks: this.#deadlocks + deadlocks,
      deaths: [...this.#deaths.values()],
      workers: this.#workers,
      mishaps: this.#mishaps,
    }
  }

  logFile(name: string): string {
    return path.join(this.#parts.home, `${name}.jsonl`)
  }

  #note(death: Death): void {
    this.#deaths.set(death.pid, death)
  }

  async #killAll(): Promise<void> {
    for (const child of this.#children) child.process.kill('SIGKILL')
    await Promise.all(this.#children.map((child) => child.exited))
  }
}
