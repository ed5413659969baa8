import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, end } from './lab/child.ts'
import type { LabDatabase } from './lab/database.ts'
import type { Fault } from './lab/history.ts'
import { between, pick, type Random } from './lab/random.ts'

interface NemesisParts {
  random: Random
  database: LabDatabase
  /** The workers that run now; a killed one leaves, its successor joins. */
  workers: Child[]
  startWorker(): Promise<Child>
  note(fault: Fault): void
  everyMs: number
}

/** Long enough for the others' upkeep, which runs every 3 s, to find the leases that ran out. */
const STOP_MS = { least: 3500, most: 5500 }
/** How often time is made to pass for the leases of the dead: a claim may commit after its worker was killed. */
const EXPIRE_EVERY_MS = 500

/** Causes one fault after another, in an order that its seed decides. */
export class Nemesis {
  readonly #parts: NemesisParts
  readonly #dead = new Set<number>()
  readonly #stopped = new Set<number>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #noFaults = new AbortController()
  readonly #noExpiry = new AbortController()
  readonly #striking: Promise<void>
  readonly #expiring: Promise<void>

  constructor(parts: NemesisParts) {
    this.#parts = parts
    this.#striking = this.#strike()
    this.#expiring = this.#expire()
  }

  /** No new faults; stopped workers go on and killed ones have successors when this resolves. */
  async calm(): Promise<void> {
    this.#noFaults.abort()
    await this.#striking
    await Promise.all(this.#underWay)
  }

  /** Until here the leases of the dead go on to run out. */
  async stop(): Promise<void> {
    this.#noExpiry.abort()
    await this.#expiring
  }

  async #strike(): Promise<void> {
    const { random, everyMs } = this.#parts
    while (await pause(everyMs, this.#noFaults.signal)) {
      const dice = random()
      if (dice < 0.5) this.#background(this.#kill())
      else if (dice < 0.75) this.#background(this.#stop())
      else if (dice < 0.92) await this.#noted('terminate', null, () => this.#parts.database.terminateBackends())
      else await this.#crash()
    }
  }

  async #expire(): Promise<void> {
    while (await pause(EXPIRE_EVERY_MS, this.#noExpiry.signal)) {
      const pids = [...this.#dead, ...this.#stopped]
      if (pids.length > 0) await this.#parts.database.expireLeases(pids)
    }
  }

  async #kill(): Promise<void> {
    const { random, workers, startWorker } = this.#parts
    const victim = pick(random, workers)
    if (!victim) return
    workers.splice(workers.indexOf(victim), 1)
    await this.#noted('kill', victim.pid, () => end(victim, 'SIGKILL'))
    this.#dead.add(victim.pid)
    const successor = await startWorker()
    this.#dead.delete(successor.pid)
    workers.push(successor)
  }

  async #stop(): Promise<void> {
    const { random, workers } = this.#parts
    const awake = workers.filter((worker) => !this.#stopped.has(worker.pid))
    const victim = pick(random, awake)
    const durationMs = between(random, STOP_MS.least, STOP_MS.most)
    // Somebody has to be there to find that the leases ran out.
    if (!victim || awake.length < 2) return
    await this.#noted('stop', victim.pid, async () => {
      this.#stopped.add(victim.pid)
      victim.process.kill('SIGSTOP')
      await sleep(durationMs)
      this.#stopped.delete(victim.pid)
      victim.process.kill('SIGCONT')
    })
  }

  /** Postgres cannot trust its memory when one of its processes was killed: it drops all and recovers from its log. */
  async #crash(): Promise<void> {
    const { database } = this.#parts
    await this.#noted('crash', null, async () => {
      const pid = await database.checkpointer()
      if (pid === undefined) return
      process.kill(pid, 'SIGKILL')
      // It answers once more only after the recovery, with another process in the killed one's place.
      while ((await database.checkpointer()) === pid) await sleep(20)
    })
  }

  async #noted(kind: Fault['kind'], pid: number | null, work: () => Promise<void>): Promise<void> {
    const from = Date.now()
    await work()
    this.#parts.note({ kind, pid, from, until: Date.now() })
  }

  #background(work: Promise<void>): void {
    const noticed: Promise<void> = work.finally(() => this.#underWay.delete(noticed))
    this.#underWay.add(noticed)
  }
}

/** False when it was cut short. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false)
}
