import { expect, test } from 'vitest'
import { ActivityRecorder } from '../../src/activity/recorder.ts'
import { Events } from '../../src/events/events.ts'
import type { ActivityOptions, AttemptEvent } from '../../src/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const MINUTE = 60_000

/** Has these attempts counted, so many minutes ago. */
async function count(attempts: readonly (Partial<AttemptEvent> & { minutesAgo?: number })[]) {
  const events = new Events()
  const recorder = new ActivityRecorder(database.prisma, events)
  const nowMs = Date.now()
  for (const { minutesAgo = 0, ...some } of attempts) {
    const startedAt = new Date(nowMs - minutesAgo * MINUTE)
    const attempt = { channel: 'a', origin: 'http://a', outcome: 'accepted', startedAt, durationMs: 1, ...some }
    events.emit('attempt', attempt as AttemptEvent)
  }
  await recorder.flush()
}

const activity = (options: ActivityOptions) => createRequeuest(database.prisma).inspect.activity(options)

test('activity tells how much was sent in each minute, and how long it took', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', receiver.url)
  await requeuest.stop()
  const { from, until, stepMs, series } = await requeuest.inspect.activity({ by: 'origin' })
  expect(stepMs).toBe(MINUTE)
  expect(until.getTime() - from.getTime()).toBeGreaterThanOrEqual(60 * MINUTE)
  expect(until.getTime() - from.getTime()).toBeLessThan(61 * MINUTE)
  expect(from.getTime() % MINUTE).toBe(0)
  const ms = expect.any(Number)
  const one = { attempts: 1, accepted: 1, delivered: 1, failed: 0, averageMs: ms, p50Ms: ms, p95Ms: ms }
  expect(series).toMatchObject([{ name: receiver.url, ...one }])
  const [{ points } = { points: [] }] = series
  expect(points.map(({ at }) => at.getTime())).toEqual(points.map((_, index) => from.getTime() + index * stepMs))
  expect(points.at(-1)!.at.getTime()).toBeGreaterThan(until.getTime() - stepMs)
  expect(points.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(1)
  const none = { attempts: 0, accepted: 0, delivered: 0, failed: 0, averageMs: null, p50Ms: null, p95Ms: null }
  expect(points[0]).toEqual({ at: from, ...none })
})

test.each([
  ['30m', 1, 31],
  ['1h', 1, 61],
  ['61m', 10, 8],
  ['10h', 10, 61],
  ['1d', 30, 49],
] as const)('a chart of %s has steps of %d minutes, at most %d of them', async (within, minutes, most) => {
  await count([{}])
  const { stepMs, series } = await activity({ by: 'channel', within })
  expect(stepMs).toBe(minutes * MINUTE)
  expect(series[0]!.points.length).toBeLessThanOrEqual(most)
  expect(series[0]!.points.length).toBeGreaterThanOrEqual(most - 1)
  expect(series[0]!.attempts).toBe(1)
})

test('what lies further back is not counted', async () => {
  await count([{ minutesAgo: 70 }, { minutesAgo: 90 }, { minutesAgo: 5 }])
  const attempts = async (within: ActivityOptions['within']) =>
    (await activity({ by: 'channel', within: within! })).series[0]?.attempts
  expect([await attempts('1m'), await attempts('1h'), await attempts('3h'), await attempts('24h')]).toEqual([
    undefined,
    1,
    3,
    3,
  ])
})

test('average and percentiles are of all attempts of a series, and of those of each step', async () => {
  const slow = { minutesAgo: 10, durationMs: 1000 }
  await count([slow, slow, ...Array.from({ length: 18 }, () => ({ durationMs: 10 }))])
  const [series] = (await activity({ by: 'channel' })).series
  expect(series).toMatchObject({ attempts: 20, averageMs: 109 })
  expect(series!.p50Ms).toBeCloseTo(10, -1)
  expect(series!.p95Ms).toBeGreaterThan(900)
  const busy = series!.points.filter(({ attempts }) => attempts > 0)
  expect(busy.map(({ averageMs }) => averageMs)).toEqual([1000, 10])
  expect(busy[1]!.p95Ms).toBeLessThan(12)
})

test('the series with most attempts come first, and 100 at most', async () => {
  await count(Array.from({ length: 3 }, (_, index) => Array(index + 1).fill({ channel: `c${index}` })).flat())
  expect((await activity({ by: 'channel' })).series.map(({ name }) => name)).toEqual(['c2', 'c1', 'c0'])
  await count(Array.from({ length: 50 }, (_, index) => ({ channel: `d${index}` })))
  await count(Array.from({ length: 50 }, (_, index) => ({ channel: `e${index}`, minutesAgo: 40 })))
  await count(Array.from({ length: 50 }, (_, index) => ({ channel: `f${index}`, minutesAgo: 80 })))
  const { series } = await activity({ by: 'channel', within: '2h' })
  expect(series).toHaveLength(100)
})

test('one channel or origin can be asked for, and the others that have no series of their own', async () => {
  await count([{ channel: 'b' }, { origin: `http://${'x'.repeat(300)}` }, {}])
  const names = async (options: ActivityOptions) => (await activity(options)).series.map(({ name }) => name)
  expect(await names({ by: 'channel', name: 'b' })).toEqual(['b'])
  expect(await names({ by: 'origin', name: 'http://a' })).toEqual(['http://a'])
  expect(await names({ by: 'origin', name: '' })).toEqual([''])
  expect(await names({ by: 'channel', name: 'nobody' })).toEqual([])
})

test.each([
  [{}, 'options.by'],
  [{ by: 'host' }, 'options.by'],
  [{ by: 'channel', within: '25h' }, 'options.within'],
  [{ by: 'channel', within: '59s' }, 'options.within'],
  [{ by: 'channel', name: 5 }, 'options.name'],
  [{ by: 'channel', channel: 'a' }, 'options.channel'],
])('options %j are refused', async (options, field) => {
  await expect(activity(options as ActivityOptions)).rejects.toMatchObject({ code: 'invalid_input', field })
})
