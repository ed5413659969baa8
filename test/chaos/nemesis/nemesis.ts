import { setTimeout as sleep } from 'node:timers/promises'
import { type Random, randomOf } from '../lab/random.ts'
import type { Reach, Trouble } from '../lab/run.ts'
import { createFaults } from './faults.ts'
import { FAULT_KINDS, type FaultKind } from './kinds.ts'

/** How often time is made to pass for the leases of the lost: a claim may commit after its worker was killed. */
const EXPIRE_EVERY_MS = 500

/** Stopping is the one whose effect depends most on luck: a lost worker and its successor have to meet. */
const DECK = [...FAULT_KINDS.filter((kind) => kind !== 'kill'), 'stop', 'stop'] as const

/** Causes one fault after another, in an order that the seed decides. Faults may overlap. */
export class Nemesis implements Trouble {
  readonly #reach: Reach
  readonly #underWay = new Set<Promise<void>>()
  readonly #noFaults = new AbortController()
  readonly #noExpiry = new AbortController()
  readonly #striking: Promise<void>
  readonly #expiring: Promise<void>

  /** @param everyMs - after so long a worker is killed, and something else is done halfway to the next kill */
  constructor(reach: Reach, everyMs: number) {
    this.#reach = reach
    const random = randomOf(reach.seed, 'nemesis')
    this.#striking = this.#strike(random, everyMs)
    this.#expiring = this.#expire()
  }

  /** No new faults; when this resolves, stopped workers go on, killed ones have successors, and all else is healed. */
  async calm(): Promise<void> {
    this.#noFaults.abort()
    await this.#striking
    await Promise.all(this.#underWay)
  }

  /** Until here the leases of the lost go on to run out. */
  async stop(): Promise<void> {
    this.#noExpiry.abort()
    await this.#expiring
  }

  async #strike(random: Random, everyMs: number): Promise<void> {
    const faults = createFaults(random, this.#reach)
    const { signal } = this.#noFaults
    const others = deal(random, DECK)
    while (await pause(everyMs / 2, signal)) {
      this.#background(faults.kill())
      if (!(await pause(everyMs / 2, signal))) return
      this.#background(faults[others.next().value]())
    }
  }

  async #expire(): Promise<void> {
    const { lab, crew } = this.#reach
    while (await pause(EXPIRE_EVERY_MS, this.#noExpiry.signal)) {
      if (crew.lost.length > 0) await lab.database.expireLeases(crew.lost).catch((error) => lab.failed(error))
    }
  }

  #background(work: Promise<void>): void {
    const noticed: Promise<void> = work
      .catch((error: unknown) => this.#reach.lab.failed(error))
      .finally(() => this.#underWay.delete(noticed))
    this.#underWay.add(noticed)
  }
}

/** Deals the kinds as from a shuffled deck, again and again: chance decides the order, and all get their turn. */
function* deal(random: Random, kinds: readonly FaultKind[]): Generator<FaultKind, never> {
  for (;;) {
    const shuffled = kinds.map((kind) => ({ kind, at: random() })).sort((a, b) => a.at - b.at)
    for (const { kind } of shuffled) yield kind
  }
}

/** False when it was cut short. */
function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false)
}
