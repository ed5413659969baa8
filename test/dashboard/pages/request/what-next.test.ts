import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { NextStep } from '../../../../src/dashboard/pages/request/what-next.tsx'
import type { View } from '../../../../src/dashboard/view/view.ts'
import type { Situation } from '../../../../src/inspect/situation.ts'

type Given = Parameters<typeof NextStep>[0]['request']

const now = new Date()
beforeAll(() => void vi.useFakeTimers({ toFake: ['Date'], now }))
afterAll(() => void vi.useRealTimers())

const at = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const view = { href: (path: string) => path } as View

const request: Given = {
  id: 'own',
  channel: 'orders',
  state: 'pending',
  blocked: false,
  runAt: at(-90),
  attemptCount: 0,
  failureCode: null,
  finishedAt: null,
  bodiesPruned: false,
  attempts: [],
}
const free = { pausedAt: null, concurrency: null, rate: null }
const situation: Situation = {
  now,
  origin: 'https://a.example',
  dedupeKey: null,
  schedule: null,
  maxAttempts: null,
  expiresAt: null,
  timeoutMs: 30_000,
  bodySize: null,
  claim: { workerId: null, at: null, leaseUntil: null },
  handler: null,
  channel: free,
  receiver: { ...free, breaker: 'closed', openUntil: null, retryAt: null },
  heldBy: null,
  firstInLine: null,
  workers: 1,
}
const receiver = situation.receiver
const accepted = { number: 3, outcome: 'accepted', status: 202 } as const

const CASES: [what: string, sentence: string, request: Partial<Given>, situation?: Partial<Situation>][] = [
  ['due', 'It became due 1.5 min ago, and a worker takes it when its turn comes.', {}],
  ['delayed', 'It is due in 2 h, and has not been sent yet.', { runAt: at(7200) }],
  ['a retry', 'It waits for its retry: attempt 3 is due in 5 min.', { runAt: at(300), attemptCount: 2 }],
  [
    'no worker',
    'It became due 1.5 min ago, and a worker takes it when its turn comes. But no worker serves its channel.',
    {},
    { workers: 0 },
  ],
  [
    'a paused channel',
    'It is due in 2 h, and has not been sent yet. Besides, its channel was paused 10 min ago.',
    { runAt: at(7200) },
    { channel: { ...free, pausedAt: at(-600) } },
  ],
  [
    'a paused receiver without a worker, whose breaker is open',
    'It became due 1.5 min ago, and a worker takes it when its turn comes. But no worker serves its channel, its receiver was paused 10 min ago, and its receiver has failed too often, so its breaker is open: it is tried again in 30 s.',
    {},
    { workers: 0, receiver: { ...receiver, pausedAt: at(-600), breaker: 'open', openUntil: at(30) } },
  ],
  [
    'a probe',
    'But a worker is probing whether its receiver has recovered.',
    {},
    { receiver: { ...receiver, breaker: 'half_open' } },
  ],
  [
    'Retry-After',
    'But its receiver asked for a break (Retry-After) that ends in 1 min.',
    {},
    { receiver: { ...receiver, retryAt: at(60) } },
  ],
  [
    'limits',
    'when its turn comes. Its channel takes at most 4 at once. Its receiver takes at most 1,000 at once and 10 in 1 s.',
    {},
    {
      channel: { ...free, concurrency: 4 },
      receiver: { ...receiver, concurrency: 1000, rate: { limit: 10, intervalMs: 1000 } },
    },
  ],
  [
    'a line',
    'It waits until those before it in its line are final. The first of them is claimed.',
    { blocked: true },
    { firstInLine: { id: 'other', state: 'claimed' } },
  ],
  [
    'an empty line',
    'Nothing is before it in its line any more: a worker lets it go within seconds.',
    { blocked: true },
  ],
  [
    'a held line',
    'Its line was held 20 min ago, when a request before it failed. It goes on when the line is released or that request redriven.',
    { blocked: true },
    { heldBy: { id: 'other', at: at(-1200) } },
  ],
  [
    'a claim',
    'The worker host:1:a took it 2 s ago and may be sending attempt 2. Should it not report, another one takes over: its lease ends in 58 s.',
    { state: 'claimed', attemptCount: 2 },
    { claim: { workerId: 'host:1:a', at: at(-2), leaseUntil: at(58) }, workers: 0 },
  ],
  [
    'a dead worker',
    'The worker host:1:a has not reported, and its lease ended 5 s ago. Any worker that runs takes the request back within seconds.',
    { state: 'claimed', attemptCount: 2 },
    { claim: { workerId: 'host:1:a', at: at(-70), leaseUntil: at(-5) } },
  ],
  [
    'delivered',
    'Delivered 1.5 min ago by attempt 3, with status 202. Nothing more happens.',
    { state: 'delivered', finishedAt: at(-90), attemptCount: 3, attempts: [accepted] },
  ],
  [
    'failed',
    'Failed 1.5 min ago: it expired before it could be delivered. Nothing more happens unless it is redriven.',
    { state: 'failed', failureCode: 'expired', finishedAt: at(-90) },
  ],
  [
    'failed and holding its line',
    'Failed 1.5 min ago: all its attempts failed. It holds its line until it is redriven or the line is released.',
    { state: 'failed', failureCode: 'attempts_exhausted', finishedAt: at(-90) },
    { heldBy: { id: 'own', at: at(-90) } },
  ],
  [
    'cancelled',
    'Cancelled 1.5 min ago, after it had been sent. Nothing more happens unless it is redriven.',
    { state: 'cancelled', finishedAt: at(-90), attemptCount: 1 },
  ],
  [
    'pruned',
    'Nothing more happens unless it is redriven. Its bodies have been deleted, so it cannot be sent again.',
    { state: 'failed', failureCode: 'rejected', finishedAt: at(-90), bodiesPruned: true },
  ],
  [
    'a handler that fails',
    'Nothing more happens. Its channel’s handler has yet to run: it has failed 2 times, and is due in 8 s.',
    { state: 'delivered', finishedAt: at(-90) },
    { handler: { dueAt: at(8), errors: 2 } },
  ],
]

test.each(CASES)('what happens next is said in words: %s', async (_, sentence, more, around) => {
  const html = String(
    await NextStep({ view, request: { ...request, ...more }, situation: { ...situation, ...around } }),
  )
  const text = html.replaceAll(/<[^>]*>/g, '').replaceAll(/\s+/g, ' ')
  expect(text.trim()).toContain(sentence)
})
