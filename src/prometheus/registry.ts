import {
  type CounterName,
  type HistogramName,
  type Labels,
  METRICS,
  namesOf,
  type Recorder,
} from '../telemetry/metrics.ts'
import type { Sample } from '../telemetry/samples.ts'
import { header, type LabelSet, line, prometheusName } from './exposition.ts'

interface Series {
  labels: LabelSet
}

interface Count extends Series {
  value: number
}

interface Distribution extends Series {
  /** For each bucket how many values are in it and in none before; then how many are above all. */
  counts: number[]
  sum: number
}

/** Keeps counters and histograms, to be written in the text format of Prometheus. */
export class Registry implements Recorder {
  readonly #counters = new Map(namesOf('counter').map((name) => [name, new Map<string, Count>()]))
  readonly #histograms = new Map(namesOf('histogram').map((name) => [name, new Map<string, Distribution>()]))

  constructor() {
    // From nothing to 1 is no increase to Prometheus, so what can be begins at 0.
    for (const name of namesOf('counter')) if (hasNoLabels(name)) this.add(name, 0, {})
  }

  add<N extends CounterName>(name: N, value: number, labels: Labels<N>): void {
    seriesOf(this.#counters.get(name), labels, () => ({ labels, value: 0 })).value += value
  }

  record<N extends HistogramName>(name: N, value: number, labels: Labels<N>): void {
    const buckets: readonly number[] = METRICS[name].buckets
    const series = seriesOf(this.#histograms.get(name), labels, () => {
      return { labels, counts: Array<number>(buckets.length + 1).fill(0), sum: 0 }
    })
    const bucket = buckets.findIndex((most) => value <= most)
    const place = bucket < 0 ? buckets.length : bucket
    series.counts[place] = (series.counts[place] ?? 0) + 1
    series.sum += value
  }

  /** @param samples - the gauges as they are now */
  text(samples: readonly Sample[]): string {
    const counters = [...this.#counters].map(([name, series]) => {
      return (
        header(name) + Array.from(series.values(), (one) => line(prometheusName(name), one.labels, one.value)).join('')
      )
    })
    const histograms = [...this.#histograms].map(([name, series]) => {
      return header(name) + Array.from(series.values(), (one) => distribution(name, one)).join('')
    })
    const gauges = namesOf('gauge').map((name) => {
      const own = samples.filter((sample) => sample.name === name)
      return header(name) + own.map(({ labels, value }) => line(prometheusName(name), labels, value)).join('')
    })
    return [...counters, ...histograms, ...gauges].join('')
  }
}

function hasNoLabels(name: CounterName): name is 'requeuest.handler.errors' {
  return METRICS[name].labels.length === 0
}

function seriesOf<S extends Series>(all: Map<string, S> = new Map(), labels: LabelSet, create: () => S): S {
  const key = JSON.stringify(labels)
  const known = all.get(key) ?? create()
  all.set(key, known)
  return known
}

function distribution(name: HistogramName, { labels, counts, sum }: Distribution): string {
  const title = prometheusName(name)
  let count = 0
  const buckets = [...METRICS[name].buckets.map(String), '+Inf'].map((le, index) => {
    count += counts[index] ?? 0
    return line(`${title}_bucket`, { ...labels, le }, count)
  })
  return buckets.join('') + line(`${title}_sum`, labels, sum) + line(`${title}_count`, labels, count)
}
