import { expect, test, vi } from 'vitest'
import type { Prisma } from '../../generated/prisma/client.ts'
import { type ScopeState, selectSettings } from '../../src/store/settings.ts'
import { findLowWatermarks } from '../../src/store/watermarks.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

/*
 * Dates that Postgres holds and JavaScript or Prisma does not, in every column that has a date: they stop nothing else, and
 * whoever reads them is given a Date.
 */

const database = useDatabase()
const MOMENTS = ['-infinity', '4713-01-01 BC', '0044-03-15 BC', '10000-01-01', '294276-12-31', 'infinity'] as const
const PAST = MOMENTS.slice(0, 3)
const FUTURE = MOMENTS.slice(3)
const PATIENT = { timeout: 10_000 }

const create = (data: Partial<Prisma.HttpRequestCreateManyInput> & { url: string }) =>
  database.prisma.httpRequest.create({ data: { channel: 'a', ...data }, select: { id: true } })
const stateOf = async (id: string) =>
  await database.prisma.httpRequest.findUniqueOrThrow({ where: { id }, select: { state: true, failureCode: true } })
const set = (table: string, column: string, moment: string, where = 'true') =>
  database.prisma.$executeRawUnsafe(`UPDATE requeuest_${table} SET ${column} = '${moment}' WHERE ${where}`)

async function worker() {
  const requeuest = createRequeuest(database.prisma)
  const errors: string[] = []
  requeuest.on('error', ({ message }) => errors.push(message))
  await requeuest.start({ channels: ['a'] })
  return { requeuest, errors }
}

test.each(MOMENTS)('reading %s in all columns of a request and its attempts gives Dates', async (moment) => {
  const receiver = await receiverOf()
  const { requeuest } = await worker()
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.waitFor(id)
  for (const column of ['run_at', 'created_at', 'finished_at', 'expires_at', 'dedupe_until', 'scheduled_for']) {
    await set('request', column, moment)
  }
  for (const column of ['started_at', 'next_run_at']) await set('attempt', column, moment)
  const found = await requeuest.find(id)
  const [attempt] = found!.attempts
  const dates = [found!.runAt, found!.createdAt, found!.finishedAt, attempt!.startedAt, attempt!.nextRunAt]
  expect(new Set(dates.map((date) => date!.toISOString())).size).toBe(1)
  expect(Math.sign(found!.runAt.getTime())).toBe(PAST.includes(moment) ? -1 : 1)
  expect((await requeuest.waitFor(id)).status).toBe(200)
})

test.each(MOMENTS)('reading a handler is given a request that was made and finished at %s', async (moment) => {
  const receiver = await receiverOf()
  const { id } = await create({ url: receiver.url, state: 'delivered' })
  for (const column of ['created_at', 'finished_at', 'run_at']) await set('request', column, moment)
  await set('request', 'handler_due_at', '-infinity')
  const seen: (Date | null)[] = []
  const requeuest = createRequeuest(database.prisma)
  requeuest.onSettled('a', ({ request }) => void seen.push(request.createdAt, request.finishedAt, request.runAt))
  await requeuest.start({ channels: ['a'] })
  await vi.waitUntil(async () => seen.length === 3, PATIENT)
  expect(seen.every((date) => date !== null && !Number.isNaN(date.getTime()))).toBe(true)
  const row = () => database.prisma.httpRequest.findUniqueOrThrow({ where: { id }, select: { handlerDueAt: true } })
  await expect.poll(row, PATIENT).toEqual({ handlerDueAt: null })
})

test.each(PAST)('a waiting request that was due at %s is delivered', async (moment) => {
  const receiver = await receiverOf()
  const { id } = await create({ url: receiver.url })
  await set('request', 'run_at', moment)
  const { errors } = await worker()
  await expect.poll(() => stateOf(id), PATIENT).toMatchObject({ state: 'delivered' })
  expect(errors).toEqual([])
})

test.each(FUTURE)('a waiting request that is due at %s waits, and nothing else does', async (moment) => {
  const receiver = await receiverOf()
  const { id } = await create({ url: receiver.url })
  await set('request', 'run_at', moment)
  const { requeuest, errors } = await worker()
  const [outlook] = await selectSettings(database.prisma, ['a'], 'w', true, [])
  expect(outlook!.dueInMs).toBeGreaterThan(1e14)
  await requeuest.waitFor(await requeuest.spawn('a', receiver.url))
  await requeuest.waitFor((await create({ url: receiver.url })).id)
  expect(await stateOf(id)).toMatchObject({ state: 'pending' })
  expect(errors).toEqual([])
})

test.each(PAST)('a waiting request that expired at %s fails, whether it is due or not', async (moment) => {
  const receiver = await receiverOf()
  const due = await create({ url: receiver.url })
  const later = await create({ url: receiver.url, runAt: new Date(Date.now() + 3_600_000) })
  await set('request', 'expires_at', moment)
  const { errors } = await worker()
  for (const { id } of [due, later]) {
    await expect.poll(() => stateOf(id), PATIENT).toEqual({ state: 'failed', failureCode: 'expired' })
  }
  expect(errors).toEqual([])
  expect(receiver.requests).toEqual([])
})

test.each(FUTURE)(
  'a waiting request that expires at %s is delivered, at its second attempt as well',
  async (moment) => {
    const receiver = await receiverOf((_, index) => ({ status: index === 0 ? 500 : 200 }))
    const { id } = await create({ url: receiver.url, backoffBaseMs: 10 })
    await set('request', 'expires_at', moment)
    await worker()
    await expect.poll(() => stateOf(id), PATIENT).toMatchObject({ state: 'delivered' })
  },
)

test.each(PAST)('a claim whose lease ended at %s is rescued', async (moment) => {
  const receiver = await receiverOf()
  const { id } = await create({ url: receiver.url })
  await database.prisma.$executeRaw`
    UPDATE requeuest_request SET state = 'claimed', attempt_count = 1, claimed_by = 'gone', claimed_at = now(), lease_until = now()`
  await set('request', 'lease_until', moment)
  await worker()
  await expect.poll(() => stateOf(id), PATIENT).toMatchObject({ state: 'delivered' })
})

test.each(MOMENTS)(
  'a claim that was made at %s and whose lease is over is rescued, and its attempt is shown',
  async (moment) => {
    const receiver = await receiverOf()
    const { id } = await create({ url: receiver.url })
    await database.prisma.$executeRaw`
    UPDATE requeuest_request SET state = 'claimed', attempt_count = 1, claimed_by = 'gone', claimed_at = now(), lease_until = now()`
    await set('request', 'claimed_at', moment)
    const { requeuest } = await worker()
    await requeuest.waitFor(id)
    expect((await requeuest.find(id))!.attempts).toMatchObject([
      { outcome: 'abandoned', startedAt: expect.any(Date) },
      { outcome: 'accepted' },
    ])
  },
)

test('where looks begin from the beginning, what was due before 1970 is found', async () => {
  const { id } = await create({ url: 'http://example.com/' })
  await set('request', 'run_at', '0044-03-15 BC')
  const lowest = {
    channel: 'a',
    priority: 5,
    runAtMs: Number.NEGATIVE_INFINITY,
    id: '00000000-0000-0000-0000-000000000000',
  }
  expect(await findLowWatermarks(database.prisma, [lowest], [])).toMatchObject([{ id }])
})

test.each(MOMENTS)(
  'of what is known of receivers and channels %s in every column holds up nothing else',
  async (moment) => {
    const { prisma } = database
    const [receiver, other] = [await receiverOf(), await receiverOf()]
    await prisma.httpLimit.createMany({
      data: (['closed', 'open', 'half_open'] as const).map((breaker) => ({
        ...{
          kind: 'origin' as const,
          name: `http://${breaker}.example`,
          breaker,
          rate: 100,
          concurrency: 5,
          probedBy: 'somebody',
        },
        openUntil: new Date(),
      })),
    })
    await prisma.httpLimit.create({ data: { kind: 'origin', name: other.url, rate: 100 } })
    await prisma.httpLimit.create({ data: { kind: 'channel', name: 'a', rate: 1000, concurrency: 100 } })
    await prisma.httpSemaphoreLease.create({
      data: { kind: 'channel', name: 'a', workerId: 'gone', slots: 1, wanted: 1, leaseUntil: new Date() },
    })
    for (const column of ['next_permit_at', 'retry_at', 'open_until', 'probe_until']) {
      await set('limit', column, moment, `name LIKE '%.example'`)
    }
    await set('limit', 'next_permit_at', moment)
    await set('semaphore_lease', 'lease_until', moment)
    const { requeuest, errors } = await worker()
    for (const url of [receiver.url, other.url]) {
      await requeuest.waitFor(await requeuest.spawn('a', url))
      await requeuest.waitFor((await create({ url })).id)
    }
    expect(errors).toEqual([])
  },
)

test.each(FUTURE)(
  'of what is known of receivers and channels %s is until when a receiver is sent nothing, for any number of years',
  async (moment) => {
    const data = { kind: 'origin', name: 'http://a.example', breaker: 'open', openUntil: new Date() } as const
    await database.prisma.httpLimit.create({ data })
    await set('limit', 'retry_at', moment)
    await set('limit', 'open_until', moment)
    const [outlook] = await selectSettings(database.prisma, null, 'w', false, [data.name])
    const [{ retryInMs, openForMs }] = outlook!.scopes as [ScopeState]
    for (const ms of [retryInMs, openForMs]) expect(Number(ms)).toBeGreaterThan(1e14)
  },
)
