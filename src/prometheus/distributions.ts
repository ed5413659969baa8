import { type HistogramName, type Histograms, type Labels, METRICS } from '../telemetry/metrics.ts'
import { type LabelSet, line, prometheusName } from './exposition.ts'

/** Values of a histogram with the same labels. */
class Distribution {
  readonly #name: HistogramName
  readonly #labels: LabelSet
  /** For each bucket how many values are in it and in none before; then how many are above all. */
  readonly #counts: number[]
  #sum = 0

  constructor(name: HistogramName, labels: LabelSet) {
    this.#name = name
    this.#labels = labels
    this.#counts = Array(METRICS[name].buckets.length + 1).fill(0)
  }

  record(value: number): void {
    const { buckets } = METRICS[this.#name]
    const bucket = buckets.findIndex((most) => value <= most)
    const place = bucket < 0 ? buckets.length : bucket
    this.#counts[place] = (this.#counts[place] ?? 0) + 1
    this.#sum += value
  }

  text(): string {
    const title = prometheusName(this.#name)
    let count = 0
    const buckets = [...METRICS[this.#name].buckets.map(String), '+Inf'].map((le, index) => {
      count += this.#counts[index] ?? 0
      return line(`${title}_bucket`, { ...this.#labels, le }, count)
    })
    return (
      buckets.join('') + line(`${title}_sum`, this.#labels, this.#sum) + line(`${title}_count`, this.#labels, count)
    )
  }
}

/** The histograms of a process. */
export class Distributions implements Histograms {
  readonly #byKey = new Map<string, { name: HistogramName; distribution: Distribution }>()

  of<N extends HistogramName>(name: N, labels: Labels<N>): (value: number) => void {
    const key = JSON.stringify([name, labels])
    const { distribution } = this.#byKey.get(key) ?? { distribution: new Distribution(name, labels) }
    this.#byKey.set(key, { name, distribution })
    return (value) => distribution.record(value)
  }

  text(name: HistogramName): string {
    const own = [...this.#byKey.values()].filter((one) => one.name === name)
    return own.map(({ distribution }) => distribution.text()).join('')
  }
}
