import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { Requeuest } from '../../src/index.ts'
import type { Lane } from './lanes.ts'

/** What can be done to an instance at any time. Calls are made, but not waited for. */
export const STEPS = ['start', 'stop', 'hurry', 'spawn', 'answer', 'settle'] as const
export type Step = (typeof STEPS)[number]

export const CONCURRENCY = 2
/** More than may be under way at once. */
const PER_SPAWN = 3

/**
 * One instance, and a model of it that knows its state: what calls do is decided when they are made. In a drain that waits
 * for a response the model goes by what has arrived.
 */
export class Life {
  readonly #prisma: PrismaClient
  readonly #lane: Lane
  readonly #requeuest: Requeuest
  readonly #calls: Promise<unknown>[] = []
  #state: 'stopped' | 'starting' | 'running' | 'draining' = 'stopped'
  #started: Promise<void> = Promise.resolve()
  #stopped: Promise<void>[] = []
  #isHurried = false
  #stops = 0
  /** Whether steps follow each other at once, so that nothing but calls changes the state. */
  readonly #isExact: boolean

  constructor(prisma: PrismaClient, lane: Lane, isExact: boolean) {
    this.#prisma = prisma
    this.#lane = lane
    this.#isExact = isExact
    this.#requeuest = new Requeuest(prisma, {
      network: { allow: ['127.0.0.1'] },
      retry: { backoff: { base: 1, jitter: 'none' } },
    })
  }

  async do(step: Step): Promise<void> {
    if (step === 'settle') return this.#settle()
    if (step === 'start') this.#start()
    else if (step === 'spawn') this.#spawn()
    else if (step === 'answer') this.#lane.answer()
    else this.#stop(step === 'hurry')
    if (!this.#isExact) await this.#countClaimed()
  }

  #start(): void {
    const isRefused = this.#state !== 'stopped'
    const started = this.#requeuest.start({
      channels: [this.#lane.name],
      concurrency: CONCURRENCY,
      concurrencyPerOrigin: CONCURRENCY,
    })
    const refused = (error: unknown) => expect(error).toMatchObject({ code: 'already_started' })
    if (!this.#isExact) this.#calls.push(started.catch(refused))
    else if (isRefused) this.#calls.push(expect(started).rejects.toMatchObject({ code: 'already_started' }))
    else this.#calls.push(started)
    if (isRefused) return
    this.#state = 'starting'
    this.#started = started
  }

  /** Now and then in the other way. */
  #stop(isHurried: boolean): void {
    const isDisposed = !isHurried && this.#stops++ % 2 === 1
    const stopped = isDisposed
      ? this.#requeuest[Symbol.asyncDispose]()
      : this.#requeuest.stop(isHurried ? { timeout: 0 } : {})
    this.#calls.push(stopped)
    if (this.#state === 'stopped') return
    this.#state = 'draining'
    this.#isHurried ||= isHurried
    this.#stopped.push(stopped)
  }

  #spawn(): void {
    for (let count = 0; count < PER_SPAWN; count++)
      this.#calls.push(this.#requeuest.spawn(this.#lane.name, this.#lane.url))
  }

  /** Waits until nothing more happens by itself. */
  async #settle(): Promise<void> {
    if (!this.#isExact) return
    if (this.#state === 'starting') {
      await this.#started
      this.#state = 'running'
    }
    if (this.#state === 'draining' && (await this.#isDrained())) {
      this.#state = 'stopped'
      this.#stopped = []
      this.#isHurried = false
    }
    if (this.#state === 'running') {
      const channel = this.#lane.name
      const countLeft = () => this.#prisma.httpRequest.count({ where: { channel, state: { not: 'delivered' } } })
      await until(async () => this.#lane.held === Math.min(CONCURRENCY, await countLeft()))
    }
  }

  /** A drain that nobody hurries ends when the receiver has answered all that is under way. */
  async #isDrained(): Promise<boolean> {
    let isOver = false
    void Promise.all(this.#stopped).then(() => {
      isOver = true
    })
    const waits = async () =>
      !this.#isHurried && this.#lane.held > 0 && this.#lane.held === (await this.#countClaimed())
    await until(async () => isOver || (await waits()))
    return isOver
  }

  /** Ends it in whatever state it is. From then on nothing is claimed or sent. */
  async end(): Promise<void> {
    this.#lane.isOpen = true
    this.#lane.answer()
    await this.#requeuest.stop()
    await Promise.all(this.#calls)
    expect(await this.#countClaimed()).toBe(0)
    await this.#requeuest.spawn(this.#lane.name, this.#lane.url)
    this.#lane.isOver = true
  }

  #countClaimed(): Promise<number> {
    return this.#prisma.httpRequest.count({ where: { channel: this.#lane.name, state: 'claimed' } })
  }
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const endsAt = performance.now() + 10_000
  while (!(await isTrue())) {
    if (performance.now() > endsAt) throw new Error('it does not come to rest')
    await sleep(2)
  }
}
