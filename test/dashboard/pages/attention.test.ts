import { expect, test } from 'vitest'
import { concernsOf, type Facts } from '../../../src/dashboard/pages/attention.ts'
import type { FoundChannel } from '../../../src/inspect/channels.ts'
import type { FailureGroup } from '../../../src/inspect/failures.ts'
import type { FoundOrigin } from '../../../src/inspect/origins.ts'

const none = { count: 0, isEstimate: false }
const WELL: FoundChannel = {
  channel: 'orders',
  due: none,
  delayed: none,
  inLine: none,
  claimed: none,
  oldestDueAt: null,
  oldestDueMs: null,
  workers: 1,
  pausedAt: null,
  concurrency: null,
  rate: null,
}
const AVAILABLE: FoundOrigin = {
  origin: 'https://a.example',
  pausedAt: null,
  concurrency: null,
  rate: null,
  breaker: 'closed',
  openUntil: null,
  openCount: 0,
  retryAt: null,
}
const QUIET: Facts = {
  channels: [WELL],
  origins: [AVAILABLE],
  lines: [],
  failures: { groups: [], requests: 0, since: null, isComplete: true },
  workers: [],
}
const overdue = (more: Partial<FoundChannel>): FoundChannel => ({
  ...WELL,
  due: { count: 1234, isEstimate: false },
  oldestDueAt: new Date(),
  oldestDueMs: 61_000,
  ...more,
})
const failed = (origin: string, count: number) => ({ origin, count }) as FailureGroup
const worker = { host: 'db-7', pid: 9, isLive: false } as Facts['workers'][number]

test.each<[what: string, more: Partial<Facts>, texts: string[]]>([
  ['nothing, where all is well', {}, []],
  ['a second of delay', { channels: [overdue({ oldestDueMs: 1000 })] }, []],
  [
    'a channel that nobody serves',
    { channels: [overdue({ workers: 0 })] },
    ['No worker serves the channel orders: 1,234 due.'],
  ],
  [
    'a channel that is behind',
    { channels: [overdue({})] },
    ['The channel orders is behind: 1,234 due, the first for more than a minute.'],
  ],
  [
    'a paused channel, and not that it is behind',
    { channels: [overdue({ pausedAt: new Date() })] },
    ['The channel orders is paused: 1,234 due.'],
  ],
  [
    'an open breaker, and a pause',
    {
      origins: [
        { ...AVAILABLE, breaker: 'open' },
        { ...AVAILABLE, origin: 'https://b.example', pausedAt: new Date() },
      ],
    },
    ['https://a.example is left alone: too many of its attempts failed.', 'https://b.example is paused.'],
  ],
  [
    'failures of a receiver together',
    {
      failures: {
        groups: [failed('https://a.example', 3), failed('', 1), failed('https://a.example', 4)],
        requests: 8,
        since: new Date(),
        isComplete: false,
      },
    },
    [
      '7 requests at least to https://a.example failed in the last hour.',
      '1 request at least to a receiver that no worker has looked at failed in the last hour.',
    ],
  ],
  [
    'held lines',
    {
      lines: [
        { channel: 'a', key: 'customer', heldById: '', heldAt: null, waiting: { count: 2, isEstimate: false } },
        { channel: 'b', key: '', heldById: '', heldAt: null, waiting: { count: 1001, isEstimate: true } },
      ],
    },
    [
      'The line “customer” of the channel a is held: 2 wait.',
      'The line of the whole channel b is held: about 1,000 wait.',
    ],
  ],
  ['a worker that is gone', { workers: [worker] }, ['The worker 9 on db-7 has not been seen for 45 s.']],
])('the overview points out %s', (_, more, texts) => {
  expect(concernsOf({ ...QUIET, ...more }).map(({ text }) => text)).toEqual(texts)
})

test('of many concerns of a kind, five are named and the rest are counted', () => {
  const channels = Array.from({ length: 12 }, (_, index) => overdue({ channel: `c${index}`, workers: 0 }))
  const concerns = concernsOf({ ...QUIET, channels })
  expect(concerns).toHaveLength(6)
  expect(concerns.at(-1)?.text).toBe('7 more like these.')
})
