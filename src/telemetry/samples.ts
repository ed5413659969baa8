import type { CounterName, GaugeName, Labels } from './metrics.ts'

/** The value of a counter or gauge now. */
export interface Sample {
  name: CounterName | GaugeName
  labels: Readonly<Record<string, string | undefined>>
  value: number
}

/** Values of gauges, of which those with the same labels become one. */
export class Samples {
  readonly #byKey = new Map<string, Sample>()

  add<N extends GaugeName>(name: N, labels: Labels<N>, value: number): void {
    this.#merge(name, labels, value, (before) => before + value)
  }

  max<N extends GaugeName>(name: N, labels: Labels<N>, value: number): void {
    this.#merge(name, labels, value, (before) => Math.max(before, value))
  }

  get all(): Sample[] {
    return [...this.#byKey.values()]
  }

  #merge(name: GaugeName, labels: Sample['labels'], value: number, merge: (before: number) => number): void {
    const key = JSON.stringify([name, labels])
    const before = this.#byKey.get(key)
    if (before) before.value = merge(before.value)
    else this.#byKey.set(key, { name, labels, value })
  }
}
