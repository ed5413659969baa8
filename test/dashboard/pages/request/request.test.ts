import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../../../support/fixture.ts'
import { HOSTILE_TEXT, MARKUP } from '../../hostile-text.ts'
import { visitor } from '../../visit.ts'

const database = useDatabase()

test('a request that was retried shows its life: what it is, every attempt, and what it came to', async () => {
  const receiver = await receiverOf((_, index) => ({ status: index === 0 ? 503 : 201, headers: { 'x-answer': 'yes' } }))
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['orders'] })
  const id = await requeuest.spawn(
    'orders',
    { method: 'PUT', url: `${receiver.url}/a?b=c`, headers: { 'x-mine': 'seen' } },
    { dedupe: { key: 'order-1' }, priority: 2, retry: { maxAttempts: 7 } },
  )
  await requeuest.waitFor(id)
  await requeuest.stop()
  const { status, text, html } = await visitor(requeuest)(`/requests/${id}`)
  expect(status).toBe(200)
  expect(text).toContain(`PUT ${receiver.url}/a?b=c`)
  expect(text).toMatch(/Delivered .* by attempt 2, with status 201\. Nothing more happens\./)
  expect(text).toMatch(/Channel orders Receiver http:\S+ Dedupe key order-1 Priority 2 Accepts 2xx Attempts 2 of 7 /)
  expect(text).toMatch(/ 2 accepted 201 .* 1 rejected 503 /)
  expect(text).toMatch(/x-mine seen .*Response of attempt 2: 201 .*x-answer yes/)
  expect(html).toContain('role="img" aria-label="Timeline: 2 attempts within')
  expect(html.match(/<g class="stretch attempt (good|bad)"/g)).toHaveLength(2)
  expect((await visitor(requeuest)(`/requests/${id}?show=attempt-1`)).text).toContain('Response of attempt 1: 503')
})

test.each(['01a22c44-6592-76e7-bfcc-3aecb6f6ca8d', 'abc', '%00', "'--", `${'9'.repeat(5000)}`])(
  'there is nothing where there is no request: %.20s',
  async (id) => {
    const { status, text } = await visitor(createRequeuest(database.prisma))(`/requests/${id}`)
    expect(status).toBe(404)
    expect(text).toBe('Not found There is nothing at this address.')
  },
)

test('of many attempts the last 100 are shown, and the others behind links', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('orders', { url: 'https://a.example/' })
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_attempt (request_id, number, outcome, started_at, duration_ms, worker_id)
    SELECT ${id}::uuid, n, 'timeout', now() + n * interval '1 minute', 5, 'worker' FROM generate_series(1, 130) AS n`
  await database.prisma.$executeRaw`UPDATE requeuest_request SET attempt_count = 130, run_at = now() + interval '1 day'`
  const visit = visitor(requeuest)
  const numbers = (html: string) => [...html.matchAll(/<tr id="a-(\d+)"/g)].map(([, number]) => Number(number))
  const last = await visit(`/requests/${id}`)
  expect(numbers(last.html)).toEqual(Array.from({ length: 100 }, (_, index) => 130 - index))
  expect(last.html).toContain(`href="/requests/${id}?before=31"`)
  expect(last.text).toContain('Earlier attempts 100 of 130')
  const first = await visit(`/requests/${id}?before=31`)
  expect(numbers(first.html)).toEqual(Array.from({ length: 30 }, (_, index) => 30 - index))
  expect(first.html).not.toContain('Earlier attempts')
  // What comes after the shown attempts is not in their timeline.
  expect(first.html).not.toContain('stretch ahead')
  expect(last.html).toContain('stretch ahead')
  expect((await visit(`/requests/${id}?before=x`)).status).toBe(400)
})

test('actions are offered that its state allows and the visitor may do', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('orders', { url: 'https://a.example/' }, { order: { key: 'a b' } })
  await requeuest.pause({ channel: 'orders' })
  const actions = async (access: () => 'full' | 'read' | ['cancel']) =>
    [...(await visitor(requeuest, { access })(`/requests/${id}`)).html.matchAll(/\/actions\/(\w+\?\w+=[^&]*)/g)].map(
      ([, action]) => action,
    )
  expect(await actions(() => 'full')).toEqual([
    'resume?channel=orders',
    `retarget?id=${id}`,
    `reschedule?id=${id}`,
    `cancel?id=${id}`,
  ])
  expect(await actions(() => ['cancel'])).toEqual([`cancel?id=${id}`])
  expect(await actions(() => 'read')).toEqual([])
  await requeuest.cancel(id)
  expect(await actions(() => 'full')).toEqual([`redrive?id=${id}`, `retarget?id=${id}`])
})

test('a request behind one that failed says so, and how its line is released', async () => {
  const receiver = await receiverOf(() => ({ status: 500 }))
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['orders'] })
  const order = { key: 'customer', afterFailure: 'hold' } as const
  const first = await requeuest.spawn('orders', { url: receiver.url }, { order, retry: { maxAttempts: 1 } })
  await requeuest.waitFor(first).catch(() => {})
  const second = await requeuest.spawn('orders', { url: receiver.url }, { order })
  await requeuest.stop()
  const { text, html } = await visitor(requeuest)(`/requests/${second}`)
  expect(text).toMatch(/Its line was held .*, when a request before it failed\./)
  expect(html).toContain(`href="/requests/${first}">a request before it`)
  expect(html).toContain('/actions/release?channel=orders&amp;key=customer')
  expect((await visitor(requeuest)(`/requests/${first}`)).text).toContain('It holds its line')
})

test('whatever rows hold is text', async () => {
  const requeuest = createRequeuest(database.prisma)
  const visit = visitor(requeuest, { bodies: 'show' })
  for (const text of [...HOSTILE_TEXT, 'y'.repeat(8000)]) {
    const { id } = await database.prisma.httpRequest.create({
      data: {
        channel: text.slice(0, 200),
        method: text,
        url: `https://a.example/${text}`,
        origin: text,
        orderKey: text.slice(0, 200),
        dedupeKey: text.slice(0, 200),
        schedule: text,
        accept: [text],
        headers: [[text, text], text, null, { a: text }],
        body: Buffer.from(text),
        state: 'claimed',
        claimedBy: text,
        claimedAt: new Date(),
        leaseUntil: new Date(Date.now() + 60_000),
        failureCode: text,
        attemptCount: 2,
        attempts: {
          create: {
            number: 1,
            outcome: 'rejected',
            startedAt: new Date(),
            durationMs: 2_147_483_647,
            workerId: text,
            status: 500,
            headers: [[text, text]],
            body: Buffer.from(`{"a":${JSON.stringify(text)}}`),
            bodySize: 10,
            errorCode: text,
            errorMessage: text,
            remoteAddress: text,
            rendered: { method: text, url: text, headers: [[text, text], 5], bodySize: null },
          },
        },
      },
    })
    for (const show of ['request', 'attempt-1', text]) {
      const page = await visit(`/requests/${id}?${new URLSearchParams({ show })}`)
      expect(page.status).toBe(200)
      expect(page.html).not.toMatch(MARKUP)
    }
    expect((await visit(`/requests/${id}?show=request`)).text).toContain(text.replaceAll(/\s+/g, ' ').trim())
  }
})
