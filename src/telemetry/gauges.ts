import type { Inspect } from '../inspect/inspect.ts'
import type { Context } from '../instance/context.ts'
import { monotonicMs } from '../runtime/clock.ts'
import { withDatabaseErrors } from '../store/db.ts'
import { findDepthReporter } from '../store/workers.ts'
import { measureDepth } from './depth.ts'
import type { LabelValues } from './label-values.ts'
import type { DepthReporting } from './options.ts'
import { type Sample, Samples } from './samples.ts'

/** However often it is asked, the depth is measured no more often than this. */
const FRESH_MS = 10_000

/** Reads the gauges: those of this process, and the depth of the queue if it falls to this process to tell it. */
export class Gauges {
  readonly #context: Context
  readonly #inspect: Inspect
  readonly #values: LabelValues
  readonly #depth: DepthReporting
  #measured: { atMs: number; samples: Promise<readonly Sample[]> } | undefined

  constructor(context: Context, inspect: Inspect, values: LabelValues, depth: DepthReporting) {
    this.#context = context
    this.#inspect = inspect
    this.#values = values
    this.#depth = depth
  }

  /** Without the depth, which is an error of the instance, if the database does not answer. */
  async read(): Promise<readonly Sample[]> {
    const depth = await this.#freshDepth().catch((error) => {
      this.#context.onError(error, 1)
      return []
    })
    return [...this.#ofProcess(), ...depth]
  }

  #ofProcess(): Sample[] {
    const samples = new Samples()
    const { running } = this.#context
    if (!running) return []
    const { busy, free } = running.slots
    samples.add('requeuest.worker.slots', { state: 'busy' }, busy)
    samples.add('requeuest.worker.slots', { state: 'free' }, free)
    return samples.all
  }

  /** One measurement at a time, whoever asks. */
  #freshDepth(): Promise<readonly Sample[]> {
    if (this.#measured && monotonicMs() - this.#measured.atMs < FRESH_MS) return this.#measured.samples
    const samples = this.#measureDepth()
    const measured = { atMs: Number.POSITIVE_INFINITY, samples }
    this.#measured = measured
    const done = () => {
      measured.atMs = monotonicMs()
    }
    samples.then(done, () => {
      if (this.#measured === measured) this.#measured = undefined
    })
    return samples
  }

  async #measureDepth(): Promise<readonly Sample[]> {
    return (await this.#isReporter()) ? measureDepth(this.#inspect, this.#values) : []
  }

  /** The first of all live workers whose processes measure it tells the depth. */
  async #isReporter(): Promise<boolean> {
    if (this.#depth !== 'auto') return this.#depth
    const { running, db } = this.#context
    if (!running) return false
    const [reporter] = await withDatabaseErrors(() => findDepthReporter(db))
    return reporter?.id === running.workerId
  }
}
