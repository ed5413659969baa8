/** What is measured. From this table the names, units and labels of both exporters are made, and the tables of docs/telemetry.md. */
export const METRICS = {
  'requeuest.spawned': {
    kind: 'counter',
    unit: '{request}',
    labels: ['channel'],
    description: 'Requests that were spawned, also by schedules and with a dedupe key that was taken.',
  },
  'requeuest.attempts': {
    kind: 'counter',
    unit: '{attempt}',
    labels: ['channel', 'outcome', 'status_class', 'origin'],
    description: 'Attempts that were recorded by the worker that made them.',
  },
  'requeuest.finished': {
    kind: 'counter',
    unit: '{request}',
    labels: ['channel', 'state', 'failure_code'],
    description: 'Requests that were delivered or failed.',
  },
  'requeuest.rescued': {
    kind: 'counter',
    unit: '{request}',
    labels: ['channel'],
    description: 'Requests that were taken back from a worker whose lease had expired.',
  },
  'requeuest.claims.lost': {
    kind: 'counter',
    unit: '{claim}',
    labels: ['channel'],
    description: 'Attempts that were recorded after their lease had expired or their claim was taken back.',
  },
  'requeuest.handler.errors': {
    kind: 'counter',
    unit: '{error}',
    labels: [],
    description: 'Completion handlers that threw or exceeded their timeout.',
  },
  'requeuest.attempt.duration': {
    kind: 'histogram',
    unit: 's',
    labels: ['channel', 'outcome', 'origin'],
    description: 'Duration of attempts.',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
  },
  'requeuest.queue.wait': {
    kind: 'histogram',
    unit: 's',
    labels: ['channel'],
    description: 'Time from when a request was due until its attempt began.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 3600, 21_600],
  },
  'requeuest.request.age': {
    kind: 'histogram',
    unit: 's',
    labels: ['channel', 'state'],
    description: 'Time from the spawn of a request until it was delivered or failed.',
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 1800, 3600, 21_600, 86_400],
  },
  'requeuest.claim.duration': {
    kind: 'histogram',
    unit: 's',
    labels: [],
    description: 'Duration of the statements that claim requests.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  'requeuest.settle.duration': {
    kind: 'histogram',
    unit: 's',
    labels: [],
    description: 'Duration of writing a group of finished attempts.',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
  },
  'requeuest.worker.slots': {
    kind: 'gauge',
    unit: '{slot}',
    labels: ['state'],
    description: 'Slots of the worker of this process: `busy` or `free`.',
  },
  'requeuest.queue.requests': {
    kind: 'gauge',
    unit: '{request}',
    labels: ['channel', 'state'],
    description:
      'Live requests: `due`, `delayed`, `in_line` or `claimed`. Exact up to 10 000, beyond that an estimate.',
  },
  'requeuest.queue.estimates': {
    kind: 'gauge',
    unit: '{estimate}',
    labels: ['channel', 'state'],
    description: '1 where `requeuest.queue.requests` is an estimate.',
  },
  'requeuest.queue.oldest_due.age': {
    kind: 'gauge',
    unit: 's',
    labels: ['channel'],
    description: 'For how long the first due request is due; 0 if none is.',
  },
  'requeuest.origin.breaker': {
    kind: 'gauge',
    unit: '{origin}',
    labels: ['state', 'origin'],
    description: 'Origins whose breaker is `open` or `half_open`.',
  },
  'requeuest.paused': {
    kind: 'gauge',
    unit: '{scope}',
    labels: ['kind', 'name'],
    description: 'Channels and origins that are paused. `kind` is `channel` or `origin`.',
  },
  'requeuest.lines.held': {
    kind: 'gauge',
    unit: '{line}',
    labels: ['channel'],
    description: 'Lines that are held by a failed request; at most 1000.',
  },
} as const satisfies Record<string, Metric>

interface Metric {
  kind: 'counter' | 'histogram' | 'gauge'
  /** As UCUM has it; in braces what is counted. */
  unit: string
  labels: readonly string[]
  description: string
  /** Upper bounds of a histogram's buckets. */
  buckets?: readonly number[]
}

export type MetricName = keyof typeof METRICS
type Kind<K extends Metric['kind']> = {
  [N in MetricName]: (typeof METRICS)[N]['kind'] extends K ? N : never
}[MetricName]
export type CounterName = Kind<'counter'>
export type HistogramName = Kind<'histogram'>
export type GaugeName = Kind<'gauge'>

/** A value for each label. Origins have one only where they were listed. */
export type Labels<N extends MetricName> = {
  [L in (typeof METRICS)[N]['labels'][number]]: L extends 'origin' ? string | undefined : string
}

/** What durations are recorded with. */
export interface Histograms {
  /** Returns what records a value with these labels, which never throws. */
  of<N extends HistogramName>(name: N, labels: Labels<N>): (value: number) => void
  /** Something was counted, which in a process that sends nothing is all that happens. */
  counted?(): void
}

export function namesOf<K extends Metric['kind']>(kind: K): Kind<K>[] {
  const names = Object.keys(METRICS) as MetricName[]
  return names.filter((name): name is Kind<K> => METRICS[name].kind === kind)
}
