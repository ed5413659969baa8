import {
  type Attributes,
  type BatchObservableCallback,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type Observable,
} from '@opentelemetry/api'
import { version } from '../runtime/embedded-version.ts'
import { type HistogramName, type Histograms, type Labels, METRICS, namesOf } from '../telemetry/metrics.ts'
import type { Sample } from '../telemetry/samples.ts'
import { safely } from './safely.ts'

/** What is read when metrics are collected. */
export interface Readable {
  counts(): readonly Sample[]
  gauges(): Promise<readonly Sample[]>
}

/** The instruments of one meter provider. */
interface Made {
  provider: MeterProvider
  histograms: ReadonlyMap<HistogramName, Histogram>
  end(): void
}

/** Records with OpenTelemetry: with a given provider, or with the global one, which may be registered later. */
export class Meters implements Histograms {
  readonly #given: MeterProvider | undefined
  #readable: Readable = { counts: () => [], gauges: async () => [] }
  #made: Made | undefined

  constructor(given: MeterProvider | undefined) {
    this.#given = given
  }

  of<N extends HistogramName>(name: N, labels: Labels<N>): (value: number) => void {
    const attributes = toAttributes(labels)
    return (value) => void safely(() => this.#make().histograms.get(name)?.record(value, attributes))
  }

  /** The provider may have been registered meanwhile. */
  counted(): void {
    safely(() => this.#make())
  }

  observe(readable: Readable): void {
    this.#readable = readable
    safely(() => this.#make())
  }

  end(): void {
    safely(() => this.#made?.end())
    this.#made = undefined
  }

  #make(): Made {
    const provider = this.#given ?? metrics.getMeterProvider()
    if (this.#made?.provider === provider) return this.#made
    this.#made?.end()
    this.#made = make(provider, this.#readable)
    return this.#made
  }
}

function make(provider: MeterProvider, readable: Readable): Made {
  const meter = provider.getMeter('requeuest', version)
  const ends = [observeCounts(meter, () => readable.counts()), observeGauges(meter, () => readable.gauges())]
  return {
    provider,
    histograms: new Map(namesOf('histogram').map((name) => [name, createHistogram(meter, name)])),
    end: () => {
      for (const end of ends) end()
    },
  }
}

/** They are counted here, and told when they are collected: to tell the SDK each time would take it longer than counting. */
function observeCounts(meter: Meter, read: () => readonly Sample[]): () => void {
  const counters = new Map(namesOf('counter').map((name) => [name, meter.createObservableCounter(name, METRICS[name])]))
  return observeAll(meter, counters, (result) => {
    for (const sample of read()) observeOne(result, counters, sample)
  })
}

function observeGauges(meter: Meter, read: () => Promise<readonly Sample[]>): () => void {
  const gauges = new Map(namesOf('gauge').map((name) => [name, meter.createObservableGauge(name, METRICS[name])]))
  /** All that was ever told, as nothing: the SDK would go on telling the last value of what is not told any more. */
  const known = new Map<string, Sample>()
  return observeAll(meter, gauges, async (result) => {
    const samples = new Map(known)
    for (const sample of await read()) {
      const key = JSON.stringify([sample.name, sample.labels])
      samples.set(key, sample)
      known.set(key, { ...sample, value: 0 })
    }
    for (const sample of samples.values()) observeOne(result, gauges, sample)
  })
}

function observeAll(
  meter: Meter,
  observables: ReadonlyMap<string, Observable>,
  callback: BatchObservableCallback,
): () => void {
  const all = [...observables.values()]
  meter.addBatchObservableCallback(callback, all)
  return () => meter.removeBatchObservableCallback(callback, all)
}

function observeOne(
  result: Parameters<BatchObservableCallback>[0],
  observables: ReadonlyMap<string, Observable>,
  { name, labels, value }: Sample,
): void {
  const observable = observables.get(name)
  if (observable) result.observe(observable, value, toAttributes(labels))
}

function createHistogram(meter: Meter, name: HistogramName): Histogram {
  const { unit, description, buckets } = METRICS[name]
  return meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...buckets] } })
}

function toAttributes(labels: Readonly<Record<string, string | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined))
}
