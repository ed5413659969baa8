import type { RequeuestEventName, RequeuestEvents } from '../events/event.ts'
import type { Observer } from '../events/instruments.ts'
import { Cached } from './cached.ts'
import type { Counts } from './counts.ts'
import type { LabelValues } from './label-values.ts'
import type { Histograms } from './metrics.ts'

/** Counts and times what an instance does. What has the same labels is looked up once, since each delivery passes here. */
export class Measures implements Observer {
  readonly reportsDepth: boolean
  readonly #values: LabelValues
  readonly #histograms: Histograms
  readonly #claimed: (seconds: number) => void
  readonly #settled: (seconds: number) => void
  readonly #spawned
  readonly #attempts
  readonly #waits
  readonly #finished
  readonly #rescued
  readonly #lost
  readonly #handlerErrors

  constructor(counts: Counts, histograms: Histograms, values: LabelValues, reportsDepth: boolean) {
    this.reportsDepth = reportsDepth
    this.#values = values
    this.#histograms = histograms
    this.#claimed = histograms.of('requeuest.claim.duration', {})
    this.#settled = histograms.of('requeuest.settle.duration', {})
    this.#handlerErrors = counts.of('requeuest.handler.errors', {})
    this.#spawned = new Cached((channel) => counts.of('requeuest.spawned', { channel }))
    this.#rescued = new Cached((channel) => counts.of('requeuest.rescued', { channel }))
    this.#lost = new Cached((channel) => counts.of('requeuest.claims.lost', { channel }))
    this.#waits = new Cached((channel) => histograms.of('requeuest.queue.wait', { channel }))
    this.#attempts = new Cached((channel, outcome, status_class, known) => {
      const origin = known === '' ? undefined : known
      return {
        count: counts.of('requeuest.attempts', { channel, outcome, status_class, origin }),
        took: histograms.of('requeuest.attempt.duration', { channel, outcome, origin }),
      }
    })
    this.#finished = new Cached((channel, state, failure_code) => ({
      count: counts.of('requeuest.finished', { channel, state, failure_code }),
      aged: histograms.of('requeuest.request.age', { channel, state }),
    }))
  }

  event<N extends RequeuestEventName>(name: N, event: RequeuestEvents[N]): void {
    const measure = this.#byEvent[name] as ((event: RequeuestEvents[N]) => void) | undefined
    measure?.(event)
  }

  spawned(channel: string, count: number): void {
    this.#spawned.of(this.#values.channel(channel)).value += count
    this.#histograms.counted?.()
  }

  claimed(durationMs: number): void {
    this.#claimed(durationMs / 1000)
  }

  settled(durationMs: number): void {
    this.#settled(durationMs / 1000)
  }

  readonly #byEvent: { [N in RequeuestEventName]?: (event: RequeuestEvents[N]) => void } = {
    attempt: ({ channel: name, outcome, status, origin, durationMs, queueWaitMs }) => {
      const channel = this.#values.channel(name)
      const { count, took } = this.#attempts.of(channel, outcome, classOf(status), this.#values.origin(origin) ?? '')
      count.value++
      took(durationMs / 1000)
      this.#waits.of(channel)(queueWaitMs / 1000)
    },
    delivered: ({ channel, ageMs }) => this.#ended(channel, 'delivered', 'none', ageMs),
    failed: ({ channel, failureCode, ageMs }) => this.#ended(channel, 'failed', failureCode, ageMs),
    claimLost: ({ channel }) => {
      this.#lost.of(this.#values.channel(channel)).value++
    },
    rescued: ({ channel }) => {
      this.#rescued.of(this.#values.channel(channel)).value++
    },
    error: ({ code }) => {
      if (code === 'handler_failed') this.#handlerErrors.value++
    },
  }

  #ended(channel: string, state: string, failureCode: string, ageMs: number): void {
    const { count, aged } = this.#finished.of(this.#values.channel(channel), state, failureCode)
    count.value++
    aged(ageMs / 1000)
  }
}

function classOf(status: number | null): string {
  return status === null ? 'none' : `${Math.floor(status / 100)}xx`
}
