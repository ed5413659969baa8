import type { CounterName, Labels } from './metrics.ts'
import type { Sample } from './samples.ts'

/** The counters of a process, since it began to measure. */
export class Counts {
  readonly #byKey = new Map<string, Sample>()

  /** The count with these labels, to be raised by whoever asks for it. */
  of<N extends CounterName>(name: N, labels: Labels<N>): Sample {
    const key = JSON.stringify([name, labels])
    const count = this.#byKey.get(key) ?? { name, labels, value: 0 }
    this.#byKey.set(key, count)
    return count
  }

  get all(): Sample[] {
    return [...this.#byKey.values()]
  }
}
