import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resolveWhere } from '../../src/control/filter.ts'
import type { ListOptions, RequestFilter } from '../../src/index.ts'
import { matchFew } from '../../src/store/inspect/few.ts'
import { matchRecent } from '../../src/store/inspect/requests.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'http://example.com/'
const STATES = ['pending', 'claimed', 'delivered', 'failed', 'cancelled'] as const

test('a list shows the latest requests first, page by page, each once', async () => {
  const requeuest = createRequeuest(database.prisma)
  const ids = await requeuest.spawnMany('a', Array(25).fill(url))
  await requeuest.spawnMany('b', Array(5).fill(url))
  const seen: string[] = []
  for (let before: string | null | undefined; before !== null; ) {
    const page = await requeuest.inspect.requests({ channel: 'a' }, { limit: 10, ...(before && { before }) })
    expect(page.requests.length).toBeLessThanOrEqual(10)
    seen.push(...page.requests.map(({ id }) => id))
    before = page.next
  }
  expect(seen).toEqual(ids.toReversed())
  expect((await requeuest.inspect.requests()).requests).toHaveLength(30)
})

test('a list shows a request with its last attempt, and neither headers nor bodies', async () => {
  const receiver = await receiverOf((_, index) => ({ status: index === 0 ? 503 : 404 }))
  const requeuest = createRequeuest(database.prisma, { retry: { maxAttempts: 2 } })
  await requeuest.start({ channels: ['a'] })
  const request = { method: 'PUT', url: receiver.url, headers: { authorization: 'secret' }, body: 'secret' }
  const id = await requeuest.spawn('a', request, { priority: 3, order: { key: 'k' } })
  await requeuest.waitFor(id).catch(() => {})
  const { requests, next } = await requeuest.inspect.requests({ state: 'failed' })
  expect(next).toBeNull()
  expect(requests).toEqual([
    {
      id,
      channel: 'a',
      state: 'failed',
      priority: 3,
      orderKey: 'k',
      blocked: false,
      method: 'PUT',
      url: `${receiver.url}/`,
      origin: receiver.url,
      attemptCount: 2,
      failureCode: 'attempts_exhausted',
      workerId: null,
      runAt: expect.any(Date),
      createdAt: expect.any(Date),
      finishedAt: expect.any(Date),
      lastAttempt: {
        number: 2,
        outcome: 'rejected',
        status: 404,
        errorCode: null,
        startedAt: expect.any(Date),
        durationMs: expect.any(Number),
      },
    },
  ])
})

test('matches are the same from the last requests on, window by window, and by the indexes of their states', async () => {
  const { prisma } = database
  const state = fc.constantFrom(...STATES)
  const row = fc.record({
    state,
    channel: fc.constantFrom('a', 'b'),
    ordered: fc.boolean(),
    bodiesPruned: fc.boolean(),
  })
  for (const { ordered, ...data } of fc.sample(row, { numRuns: 120, seed: 5 })) {
    const isFinal = data.state !== 'pending' && data.state !== 'claimed'
    const line = ordered ? { orderKey: 'k' } : {}
    await prisma.httpRequest.create({
      data: {
        url,
        ...data,
        ...line,
        ...(isFinal && { finishedAt: new Date() }),
        ...(data.state === 'claimed' && { leaseUntil: new Date(), claimedAt: new Date(), claimedBy: 'w' }),
      },
    })
  }
  const all = await prisma.httpRequest.findMany({ orderBy: { id: 'desc' } })
  const where = fc.record(
    { state: fc.record({ in: fc.subarray([...STATES], { minLength: 1 }) }), channel: fc.constantFrom('a', 'b') },
    { requiredKeys: ['state'] },
  )
  await fc.assert(
    fc.asyncProperty(where, fc.integer({ min: 1, max: 50 }), async (filter, window) => {
      const terms = resolveWhere(filter as RequestFilter)
      const wanted = all
        .filter((one) => filter.state.in.includes(one.state) && (filter.channel ?? one.channel) === one.channel)
        .map(({ id }) => id)
      const found: string[] = []
      for (let before: string | null = null, isFirst = true; isFirst || before !== null; isFirst = false) {
        const [part] = await matchRecent(prisma, terms, before, window, 1000, 1000)
        found.push(...(part!.ids ?? []))
        before = part!.readTo
      }
      expect(found).toEqual(wanted)
      const [few] = await matchFew(prisma, terms, null, 1000, 1000)
      expect(few).toEqual({ isFew: true, count: wanted.length, ids: wanted.length > 0 ? wanted : null })
      expect((await matchFew(prisma, terms, null, 2, 1000))[0]!.isFew).toBe(wanted.length <= 2)
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('a count is exact up to 10 000, and beyond that an estimate that says so', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const insert = (count: number) => prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, origin)
    SELECT gen_random_uuid(), 'a', ${url}, 'http://example.com' FROM generate_series(1, ${count}::int)`
  await insert(10_000)
  expect(await requeuest.inspect.count({ channel: 'a' })).toEqual({ count: 10_000, isEstimate: false })
  await insert(2000)
  for (const filter of [undefined, { channel: 'a' }, { state: 'pending' }] as const) {
    const { count, isEstimate } = await requeuest.inspect.count(filter)
    expect(isEstimate).toBe(true)
    expect(count).toBeGreaterThan(10_000)
    expect(count).toBeLessThanOrEqual(14_000)
  }
  expect(await requeuest.inspect.count({ channel: 'b' })).toEqual({ count: 0, isEstimate: false })
})

test.each<[what: string, where: unknown, options: unknown, field: string]>([
  ['a limit of none', undefined, { limit: 0 }, 'options.limit'],
  ['a limit beyond a thousand', undefined, { limit: 1001 }, 'options.limit'],
  ['a place that is no id', undefined, { before: 'x' }, 'options.before'],
  ['an option that there is not', undefined, { offset: 5 }, 'options.offset'],
  ['a filter without conditions', {}, {}, 'where'],
  ['a state that there is not', { state: 'done' }, {}, 'where.state'],
])('a list refuses %s', async (_, where, options, field) => {
  const { inspect } = createRequeuest(database.prisma)
  await expect(inspect.requests(where as RequestFilter, options as ListOptions)).rejects.toMatchObject({
    code: 'invalid_input',
    field,
  })
})
