import { metrics } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { expect, onTestFinished, test, vi } from 'vitest'
import { http } from '../../src/index.ts'
import { instrument } from '../../src/otel/index.ts'
import { Meters } from '../../src/otel/meters.ts'
import { METRICS, type MetricName } from '../../src/telemetry/metrics.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { haveAllHappen } from '../telemetry/scenario.ts'

const database = useDatabase()

/** What an application would export, by name. */
function startMeters() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  onTestFinished(() => meterProvider.shutdown())
  async function collect() {
    const { resourceMetrics, errors } = await reader.collect()
    expect(errors).toEqual([])
    const found = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
    return new Map(found.map((metric) => [metric.descriptor.name, metric]))
  }
  /** `[labels, value]` of each series; of a histogram the number of values. */
  async function seriesOf(name: MetricName): Promise<[Record<string, unknown>, number][]> {
    const points = (await collect()).get(name)?.dataPoints ?? []
    return points.map(({ attributes, value }) => {
      return [attributes, typeof value === 'number' ? value : (value as { count: number }).count]
    })
  }
  return { meterProvider, collect, seriesOf }
}

test('all that happens is measured under the names, units and labels of the table', { timeout: 30_000 }, async () => {
  const { meterProvider, collect, seriesOf } = startMeters()
  const requeuest = createRequeuest(database.prisma, { breaker: false })
  instrument(requeuest, { meterProvider, depth: true })
  await haveAllHappen(database.prisma, requeuest)

  await vi.waitFor(async () => expect(await seriesOf('requeuest.finished')).toHaveLength(4))
  expect(await seriesOf('requeuest.spawned')).toEqual([
    [{ channel: 'a' }, 3],
    [{ channel: 'held' }, 1],
    [{ channel: 'handled' }, 1],
    [{ channel: 'slow' }, 1],
  ])
  expect(await seriesOf('requeuest.finished')).toEqual(
    expect.arrayContaining([
      [{ channel: 'a', state: 'delivered', failure_code: 'none' }, 2],
      [{ channel: 'a', state: 'failed', failure_code: 'attempts_exhausted' }, 1],
      [{ channel: 'held', state: 'failed', failure_code: 'rejected' }, 1],
      [{ channel: 'handled', state: 'delivered', failure_code: 'none' }, 1],
    ]),
  )
  expect(await seriesOf('requeuest.attempts')).toEqual(
    expect.arrayContaining([
      [{ channel: 'a', outcome: 'accepted', status_class: '2xx' }, 2],
      [{ channel: 'a', outcome: 'rejected', status_class: '5xx' }, 1],
    ]),
  )
  expect(await seriesOf('requeuest.request.age')).toContainEqual([{ channel: 'a', state: 'delivered' }, 2])
  expect(await seriesOf('requeuest.queue.wait')).toContainEqual([{ channel: 'a' }, 3])
  expect(await seriesOf('requeuest.rescued')).toEqual([[{ channel: 'slow' }, 1]])
  expect(await seriesOf('requeuest.worker.slots')).toEqual([
    [{ state: 'busy' }, 0],
    [{ state: 'free' }, 7],
  ])
  expect(await seriesOf('requeuest.lines.held')).toEqual([[{ channel: 'held' }, 1]])
  expect(await seriesOf('requeuest.paused')).toEqual([[{ kind: 'channel', name: 'slow' }, 1]])
  expect(await seriesOf('requeuest.queue.requests')).toEqual(
    expect.arrayContaining([
      [{ channel: 'slow', state: 'delayed' }, 1],
      [{ channel: 'slow', state: 'due' }, 2],
    ]),
  )

  const found = await collect()
  for (const [name, { unit, description, labels }] of Object.entries(METRICS)) {
    const metric = found.get(name)
    expect(metric?.descriptor, name).toMatchObject({ name, unit, description })
    const withoutOrigins = labels.filter((label) => label !== 'origin').toSorted()
    for (const { attributes } of metric?.dataPoints ?? [])
      expect(Object.keys(attributes).toSorted(), name).toEqual(withoutOrigins)
    expect(metric?.dataPoints.length, name).toBeGreaterThan(0)
  }
  expect([...found.keys()].filter((name) => !Object.hasOwn(METRICS, name))).toEqual([])
})

test('origins are a label where they are listed, and all others are one', async () => {
  const { meterProvider, seriesOf } = startMeters()
  const [listed, unlisted] = [await receiverOf(), await receiverOf()]
  const requeuest = createRequeuest(database.prisma)
  instrument(requeuest, { meterProvider, depth: true, origins: [listed.url] })
  await requeuest.start({ channels: 'all' })
  for (const { url } of [listed, unlisted]) await requeuest.spawnReturning('a', http.get(url))
  await requeuest.pause({ origin: unlisted.url })
  await database.prisma.httpLimit.update({
    where: { kind_name: { kind: 'origin', name: unlisted.url } },
    data: { breaker: 'open', openUntil: new Date(Date.now() + 60_000) },
  })
  await vi.waitFor(async () => expect(await seriesOf('requeuest.attempts')).toHaveLength(2))
  const origins = (await seriesOf('requeuest.attempts')).map(([labels]) => labels['origin'])
  expect(origins).toEqual([listed.url, 'other'])
  expect(await seriesOf('requeuest.origin.breaker')).toContainEqual([{ origin: 'other', state: 'open' }, 1])
  expect(await seriesOf('requeuest.origin.breaker')).toContainEqual([{ origin: listed.url, state: 'open' }, 0])
  expect(await seriesOf('requeuest.paused')).toEqual([[{ kind: 'origin', name: 'other' }, 1]])
})

test('a gauge that is not told any more is 0, where the SDK would go on telling its last value', async () => {
  const { meterProvider, seriesOf } = startMeters()
  const meters = new Meters(meterProvider)
  const told = [['a', 'b'], ['b']].map((channels) =>
    channels.map((channel) => ({ name: 'requeuest.lines.held', labels: { channel }, value: 3 }) as const),
  )
  meters.observe({ counts: () => [], gauges: async () => told.shift() ?? [] })
  const series = async () => (await seriesOf('requeuest.lines.held')).map(([{ channel }, value]) => [channel, value])
  expect(await series()).toEqual([
    ['a', 3],
    ['b', 3],
  ])
  expect(await series()).toEqual([
    ['a', 0],
    ['b', 3],
  ])
  expect(await series()).toEqual([
    ['a', 0],
    ['b', 0],
  ])
})

test('a meter provider may be registered later than the instance is instrumented', async () => {
  const { meterProvider, seriesOf } = startMeters()
  const requeuest = createRequeuest(database.prisma)
  const { disable } = instrument(requeuest)
  await requeuest.spawn('before', 'http://127.0.0.1:9/')
  metrics.setGlobalMeterProvider(meterProvider)
  onTestFinished(() => metrics.disable())
  await requeuest.spawn('after', 'http://127.0.0.1:9/')
  const both = [
    [{ channel: 'before' }, 1],
    [{ channel: 'after' }, 1],
  ]
  expect(await seriesOf('requeuest.spawned')).toEqual(both)
  disable()
  await requeuest.spawn('after', 'http://127.0.0.1:9/')
  expect(await seriesOf('requeuest.spawned')).toEqual(both)
})

test('where the meter fails, requests are delivered', async () => {
  const fail = (): never => {
    throw new Error('the meter is broken')
  }
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  instrument(requeuest, { meterProvider: { getMeter: fail } })
  await requeuest.start({ channels: 'all' })
  expect((await requeuest.spawnReturning('a', http.get(receiver.url))).status).toBe(200)
})
