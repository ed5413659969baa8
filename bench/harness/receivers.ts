import type { ChildProcess } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ArrivalReport } from '../processes/arrivals.ts'
import { cert } from '../processes/certificate.ts'
import { nowMs } from '../processes/clock.ts'
import { type Crowd, countAnswers, countDead } from '../processes/crowd.ts'
import type { ReceiversMethods } from '../processes/receivers.ts'
import { callsTo, type Remote } from '../processes/rpc.ts'
import { endProgram, forkProgram } from './children.ts'
import type { Lab } from './lab.ts'

/** One for each core of the smallest machine: TLS takes more of it than the plain target does. */
const PROCESSES = 2
const LOOK_MS = 10

/** Many receivers behind TLS on ports of this machine, for one run. */
export class Receivers implements AsyncDisposable {
  readonly #children: ChildProcess[] = []
  readonly #processes: Remote<ReceiversMethods>[] = []
  /** Where they listen. */
  origins: string[] = []
  /** What they are trusted by. */
  readonly ca = cert
  /** How often they answer in all. */
  readonly answers: number
  /** Ids that go to the dead. */
  readonly dead: number

  private constructor(crowd: Crowd) {
    this.answers = countAnswers(crowd)
    this.dead = countDead(crowd)
  }

  static async open(lab: Lab, crowd: Crowd): Promise<Receivers> {
    const all = new Receivers(crowd)
    const each = Math.ceil(crowd.receivers / PROCESSES)
    const ports: number[][] = []
    for (let first = 0; first < crowd.receivers; first += each) {
      const child = forkProgram(lab.receiversFile, lab.node.binary)
      const process = callsTo<ReceiversMethods>(child)
      all.#children.push(child)
      all.#processes.push(process)
      ports.push(await process.open(crowd, { first, count: Math.min(each, crowd.receivers - first) }))
    }
    all.origins = ports.flat().map((port) => `https://127.0.0.1:${port}`)
    return all
  }

  /** Lets those die that shall be dead. */
  async die(): Promise<void> {
    await Promise.all(this.#processes.map((each) => each.die()))
  }

  async total(): Promise<number> {
    const totals = await Promise.all(this.#processes.map((each) => each.total()))
    return totals.reduce((sum, total) => sum + total, 0)
  }

  /** Resolves when so many have been answered, with the moment at which that was seen. */
  async reached(count: number): Promise<number> {
    while ((await this.total()) < count) await sleep(LOOK_MS)
    return nowMs()
  }

  async report(): Promise<ArrivalReport> {
    const reports = await Promise.all(this.#processes.map((each) => each.report()))
    const sumOf = (key: keyof ArrivalReport) => reports.reduce((sum, report) => sum + report[key], 0)
    return {
      total: sumOf('total'),
      missing: sumOf('missing'),
      duplicates: sumOf('duplicates'),
      unknown: sumOf('unknown'),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#children.map(endProgram))
  }
}
