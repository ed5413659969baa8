import { beforeEach, expect, test } from 'vitest'
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

const DATA = { channel: 'billing', url: 'https://example.com/' }

test('a row that Prisma creates needs no more than channel and url, and is what a spawn of the same would be', async () => {
  const byHand = await prisma.httpRequest.create({ data: DATA })
  const id = await createRequeuest(prisma, { retry: { backoff: {} } }).spawn(DATA.channel, DATA.url, {
    retry: { backoff: { base: 1000, factor: 2, jitter: 'full' } },
  })
  const spawned = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  const comparable = (row: typeof byHand) => ({ ...row, id: '', origin: '', runAt: null, createdAt: null })
  expect(comparable(byHand)).toEqual(comparable(spawned))
  expect(byHand.id[14]).toBe('7')
  expect(byHand.runAt).toEqual(byHand.createdAt)
  expect(Math.abs(byHand.createdAt.getTime() - spawned.createdAt.getTime())).toBeLessThan(60_000)
})

test('a row that Prisma creates is found, cleared and waited for like a spawned one', async () => {
  const requeuest = createRequeuest(prisma)
  const { id } = await prisma.httpRequest.create({ data: DATA })
  expect(await requeuest.find(id)).toMatchObject({ id, state: 'pending', accept: ['2xx'], attempts: [] })
  expect(await requeuest.clear({ channel: 'billing' })).toBe(1)
  await expect(requeuest.waitFor(id)).rejects.toMatchObject({ code: 'request_cancelled' })
})

test('a row that Prisma creates takes its place in a line', async () => {
  const data = { ...DATA, orderKey: '' }
  const first = await prisma.httpRequest.create({ data })
  const second = await prisma.httpRequest.create({ data })
  expect([first, second]).toMatchObject([
    { orderSeq: 1n, blocked: false },
    { orderSeq: 2n, blocked: true },
  ])
})

test.each<[string, Partial<Prisma.HttpRequestCreateInput>, string]>([
  ['without a channel', { channel: '' }, 'channel_check'],
  ['with a channel of 201 characters', { channel: 'x'.repeat(201) }, 'channel_check'],
  ['with a priority of 10', { priority: 10 }, 'priority_check'],
  ['with a priority of -1', { priority: -1 }, 'priority_check'],
  ['with an order key of 201 characters', { orderKey: 'x'.repeat(201) }, 'order_key_check'],
  ['that accepts nothing', { accept: [] }, 'accept_check'],
  ['with more attempts than can be counted', { attemptCount: 2_147_483_647 }, 'attempt_count_check'],
  ['with fewer attempts than before', { attemptsBefore: 1 }, 'attempts_before_check'],
  ['without time', { timeoutMs: 0 }, 'timeout_ms_check'],
  ['with more than a day', { timeoutMs: 86_400_001 }, 'timeout_ms_check'],
  ['with 21 redirects', { maxRedirects: 21 }, 'max_redirects_check'],
  ['with -1 redirects', { maxRedirects: -1 }, 'max_redirects_check'],
  ['without attempts', { maxAttempts: 0 }, 'max_attempts_check'],
  ['with a negative wait', { backoffBaseMs: -1 }, 'backoff_check'],
  ['with a negative longest wait', { backoffMaxMs: -1 }, 'backoff_check'],
  ['with a wait that shrinks', { backoffFactor: 0.5 }, 'backoff_check'],
  ['with a wait that explodes', { backoffFactor: 1000.1 }, 'backoff_check'],
  ['that is claimed by nobody', { state: 'claimed' }, 'claim_check'],
  ['that is claimed for ever', { state: 'claimed', claimedBy: 'me', claimedAt: new Date() }, 'claim_check'],
])('a hand-made row is refused by the database %s', async (_, data, constraint) => {
  await expect(prisma.httpRequest.create({ data: { ...DATA, ...data } })).rejects.toThrow(constraint)
  expect(await prisma.httpRequest.count()).toBe(0)
})

test.each(["backoff_factor = 'NaN'", "backoff_factor = 'Infinity'"])(
  'a hand-made row is refused by the database that raw SQL changes to %s',
  async (change) => {
    const { id } = await prisma.httpRequest.create({ data: DATA })
    const changing = prisma.$executeRawUnsafe(`UPDATE requeuest_request SET ${change}`)
    await expect(changing).rejects.toThrow('backoff_check')
    expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({
      accept: ['2xx'],
      backoffFactor: 2,
    })
  },
)

async function requestWithAttempts() {
  const { id } = await prisma.httpRequest.create({ data: DATA })
  const attempt = { outcome: 'timeout', startedAt: new Date(), durationMs: 1, workerId: 'me', requestId: id } as const
  await prisma.httpAttempt.createMany({ data: [1, 2].map((number) => ({ ...attempt, number })) })
  return id
}

test('the attempts of a request go with it, one by one and many at once', async () => {
  const [one, two, three, kept] = [
    await requestWithAttempts(),
    await requestWithAttempts(),
    await requestWithAttempts(),
    await requestWithAttempts(),
  ]
  await prisma.httpRequest.delete({ where: { id: one } })
  await prisma.httpRequest.deleteMany({ where: { id: { in: [two, three] } } })
  const left = await prisma.httpAttempt.findMany({ select: { requestId: true } })
  expect(left).toEqual([{ requestId: kept }, { requestId: kept }])
})

test('the attempts of a request follow it to another id', async () => {
  const id = await requestWithAttempts()
  const other = '0198c0de-0000-7000-8000-000000000000'
  await prisma.httpRequest.update({ where: { id }, data: { id: other } })
  expect(await prisma.httpRequest.findUnique({ where: { id: other }, include: { attempts: true } })).toMatchObject({
    attempts: [{ number: 1 }, { number: 2 }],
  })
})

test('the attempts of a request are emptied together with the requests', async () => {
  await requestWithAttempts()
  await prisma.$executeRaw`ANALYZE requeuest_request, requeuest_attempt`
  await prisma.$executeRaw`TRUNCATE requeuest_request, requeuest_attempt, requeuest_line`
  expect(await prisma.httpAttempt.count()).toBe(0)
})
