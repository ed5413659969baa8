import type { RequeuestEventName, RequeuestEvents } from '../events/event.ts'
import type { Observer } from '../events/instruments.ts'
import type { LabelValues } from './label-values.ts'
import type { Recorder } from './metrics.ts'

/** Counts and times what an instance does. */
export class Measures implements Observer {
  readonly reportsDepth: boolean
  readonly #recorder: Recorder
  readonly #values: LabelValues

  constructor(recorder: Recorder, values: LabelValues, reportsDepth: boolean) {
    this.#recorder = recorder
    this.#values = values
    this.reportsDepth = reportsDepth
  }

  event<N extends RequeuestEventName>(name: N, event: RequeuestEvents[N]): void {
    const measure = this.#byEvent[name] as ((event: RequeuestEvents[N]) => void) | undefined
    measure?.(event)
  }

  spawned(channel: string, count: number): void {
    this.#recorder.add('requeuest.spawned', count, { channel: this.#values.channel(channel) })
  }

  claimed(durationMs: number): void {
    this.#recorder.record('requeuest.claim.duration', durationMs / 1000, {})
  }

  settled(durationMs: number): void {
    this.#recorder.record('requeuest.settle.duration', durationMs / 1000, {})
  }

  readonly #byEvent: { [N in RequeuestEventName]?: (event: RequeuestEvents[N]) => void } = {
    attempt: (event) => {
      const { outcome } = event
      const channel = this.#values.channel(event.channel)
      const origin = this.#values.origin(event.origin)
      const status_class = event.status === null ? 'none' : `${Math.floor(event.status / 100)}xx`
      this.#recorder.add('requeuest.attempts', 1, { channel, outcome, status_class, origin })
      this.#recorder.record('requeuest.attempt.duration', event.durationMs / 1000, { channel, outcome, origin })
      this.#recorder.record('requeuest.queue.wait', event.queueWaitMs / 1000, { channel })
    },
    delivered: (event) => this.#finished(event, 'delivered', 'none'),
    failed: (event) => this.#finished(event, 'failed', event.failureCode),
    claimLost: (event) => {
      this.#recorder.add('requeuest.claims.lost', 1, { channel: this.#values.channel(event.channel) })
    },
    rescued: (event) => {
      this.#recorder.add('requeuest.rescued', 1, { channel: this.#values.channel(event.channel) })
    },
    error: ({ code }) => {
      if (code === 'handler_failed') this.#recorder.add('requeuest.handler.errors', 1, {})
    },
  }

  #finished(event: { channel: string; ageMs: number }, state: string, failure_code: string): void {
    const channel = this.#values.channel(event.channel)
    this.#recorder.add('requeuest.finished', 1, { channel, state, failure_code })
    this.#recorder.record('requeuest.request.age', event.ageMs / 1000, { channel, state })
  }
}
