import {
  type Attributes,
  type BatchObservableCallback,
  type Counter,
  type Histogram,
  type Meter,
  type MeterProvider,
  metrics,
  type ObservableGauge,
} from '@opentelemetry/api'
import { version } from '../runtime/embedded-version.ts'
import {
  type CounterName,
  type HistogramName,
  type Labels,
  METRICS,
  namesOf,
  type Recorder,
} from '../telemetry/metrics.ts'
import type { Sample } from '../telemetry/samples.ts'
import { safely } from './safely.ts'

/** The instruments of one meter provider. */
interface Made {
  provider: MeterProvider
  counters: ReadonlyMap<string, Counter>
  histograms: ReadonlyMap<string, Histogram>
  end(): void
}

/** Records with OpenTelemetry: with a given provider, or with the global one, which may be registered later. */
export class Meters implements Recorder {
  readonly #given: MeterProvider | undefined
  #read: () => Promise<readonly Sample[]> = async () => []
  #made: Made | undefined

  constructor(given: MeterProvider | undefined) {
    this.#given = given
  }

  add<N extends CounterName>(name: N, value: number, labels: Labels<N>): void {
    safely(() => this.#make().counters.get(name)?.add(value, toAttributes(labels)))
  }

  record<N extends HistogramName>(name: N, value: number, labels: Labels<N>): void {
    safely(() => this.#make().histograms.get(name)?.record(value, toAttributes(labels)))
  }

  /** @param read - gives the values of all gauges when they are collected */
  observe(read: () => Promise<readonly Sample[]>): void {
    this.#read = read
    safely(() => this.#make())
  }

  end(): void {
    safely(() => this.#made?.end())
  }

  #make(): Made {
    const provider = this.#given ?? metrics.getMeterProvider()
    if (this.#made?.provider === provider) return this.#made
    this.#made?.end()
    this.#made = make(provider, () => this.#read())
    return this.#made
  }
}

function make(provider: MeterProvider, read: () => Promise<readonly Sample[]>): Made {
  const meter = provider.getMeter('requeuest', version)
  const gauges = new Map(namesOf('gauge').map((name) => [name, meter.createObservableGauge(name, METRICS[name])]))
  /** All that was ever told, as nothing: the SDK would go on telling the last value of what is not told any more. */
  const known = new Map<string, Sample>()
  const collect: BatchObservableCallback<Attributes> = async (result) => {
    const samples = new Map(known)
    for (const sample of await read()) {
      const key = JSON.stringify([sample.name, sample.labels])
      samples.set(key, sample)
      known.set(key, { ...sample, value: 0 })
    }
    for (const { name, labels, value } of samples.values()) {
      result.observe(gauges.get(name) as ObservableGauge, value, toAttributes(labels))
    }
  }
  const all = [...gauges.values()]
  meter.addBatchObservableCallback(collect, all)
  return {
    provider,
    counters: new Map(namesOf('counter').map((name) => [name, meter.createCounter(name, METRICS[name])])),
    histograms: new Map(namesOf('histogram').map((name) => [name, createHistogram(meter, name)])),
    end: () => meter.removeBatchObservableCallback(collect, all),
  }
}

function createHistogram(meter: Meter, name: HistogramName): Histogram {
  const { unit, description, buckets } = METRICS[name]
  return meter.createHistogram(name, { unit, description, advice: { explicitBucketBoundaries: [...buckets] } })
}

function toAttributes(labels: Readonly<Record<string, string | undefined>>): Attributes {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== undefined))
}
