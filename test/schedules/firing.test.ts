import { v7 } from 'uuid'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts'
import { Vault } from '../../src/encryption/vault.ts'
import type { RequeuestEvents } from '../../src/events/event.ts'
import { Events } from '../../src/events/events.ts'
import { prepareRequest } from '../../src/net/outgoing.ts'
import { jitterOf, requestIdOf } from '../../src/policy/schedule.ts'
import { Schedules } from '../../src/schedules/scheduler.ts'
import { connect, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
let keeper: Schedules
let errors: RequeuestEvents['error'][]
beforeEach(() => {
  prisma = database.prisma
  const events = new Events()
  errors = []
  events.on('error', (error) => errors.push(error))
  keeper = keeperOf(prisma, events)
})

const keeperOf = (db: PrismaClient, events = new Events()) =>
  new Schedules({ db, vault: new Vault(null), events, checkMessage: prepareRequest })

const look = async () => (await keeper.runOnce(3000)).fired

/** A schedule as a user would write it. */
function create(data: Partial<Prisma.HttpScheduleCreateInput> = {}) {
  return prisma.httpSchedule.create({
    data: { name: 'report', cron: '0 0 1 1 *', channel: 'a', url: 'http://example.com/', ...data },
  })
}

const find = (name = 'report') => prisma.httpSchedule.findUniqueOrThrow({ where: { name } })
const requests = () => prisma.httpRequest.findMany({ orderBy: { scheduledFor: 'asc' } })
const minutesAgo = (minutes: number) => new Date(Math.floor(Date.now() / 60_000 - minutes) * 60_000)

test('a row that is made by hand gets its next time, and fires when that has come', async () => {
  await create()
  expect(await look()).toBe(0)
  const planned = await find()
  const year = new Date().getUTCFullYear() + 1
  expect(planned).toMatchObject({ nextRunAt: new Date(`${year}-01-01T00:00Z`), lastRunAt: null, problem: null })

  const due = minutesAgo(0)
  await prisma.httpSchedule.update({ where: { name: 'report' }, data: { nextRunAt: due } })
  expect(await look()).toBe(1)
  expect(await look()).toBe(0)
  expect(await find()).toMatchObject({ nextRunAt: planned.nextRunAt, lastRunAt: due })
  expect(await requests()).toMatchObject([
    { id: requestIdOf('report', due.getTime()), schedule: 'report', scheduledFor: due, runAt: due, state: 'pending' },
  ])
})

test('a request gets all that its schedule says', async () => {
  const policy = {
    channel: 'bills',
    priority: 2,
    orderKey: 'line',
    afterFailure: 'hold',
    method: 'PUT',
    url: 'https://example.com/bills?a=1',
    headers: [['X-A', 'one "two"']] as [string, string][],
    accept: ['404', '2xx'] as string[],
    timeoutMs: 7,
    maxRedirects: 3,
    maxAttempts: 9,
    backoffBaseMs: 11,
    backoffFactor: 1.5,
    backoffMaxMs: 12,
    backoffJitter: 'equal',
  } as const
  const body = new Uint8Array([0, 255, 10])
  await create({ ...policy, body, expiresAfterMs: 60_000, nextRunAt: minutesAgo(0) })
  expect(await look()).toBe(1)
  const [request] = await requests()
  expect(request).toMatchObject({ ...policy, origin: 'https://example.com', orderSeq: 1n, encryptionKey: null })
  expect(request!.body).toEqual(body)
  expect(request!.expiresAt!.getTime() - request!.createdAt.getTime()).toBe(60_000)
})

test('any number of processes may look at once: each time fires once', async () => {
  const pool = connect(database.url, { max: 8 })
  const keepers = Array.from({ length: 8 }, () => keeperOf(pool))
  for (let i = 0; i < 10; i++) {
    await create({ name: `s${i}`, cron: '* * * * * *', catchUp: 'all', nextRunAt: new Date(Date.now() - 300_000) })
  }
  const isBehind = () => prisma.httpSchedule.count({ where: { nextRunAt: { lt: new Date(Date.now() - 2000) } } })
  let fired = 0
  while ((await isBehind()) > 0) {
    for (const look of await Promise.all(keepers.map((one) => one.runOnce(0)))) fired += look.fired
  }
  const groups = await prisma.httpRequest.groupBy({ by: ['schedule', 'scheduledFor'], _count: true })
  expect(groups.every((group) => group._count === 1)).toBe(true)
  expect(groups.length).toBe(await prisma.httpRequest.count())
  expect(fired).toBe(groups.length)
  const gaps = (await requests()).filter(({ schedule }) => schedule === 's0').map((one) => one.scheduledFor!.getTime())
  // The first is where the user put it, all others are whole seconds without a gap.
  expect(gaps.slice(2).map((ms, index) => ms - gaps[index + 1]!)).toEqual(Array(gaps.length - 2).fill(1000))
})

test('a time that was fired before, and is planned again, spawns nothing', async () => {
  const due = minutesAgo(0)
  await create({ nextRunAt: due })
  await look()
  await prisma.httpRequest.updateMany({ data: { state: 'delivered' } })
  await prisma.httpSchedule.update({ where: { name: 'report' }, data: { nextRunAt: due } })
  await look()
  expect(await requests()).toMatchObject([{ state: 'delivered' }])
})

test('a schedule that was changed since it was read is not fired as it was', async () => {
  await create({ nextRunAt: minutesAgo(0), url: 'http://example.com/old' })
  const slow = keeperOf(
    prisma.$extends({
      query: {
        $allOperations: async ({ args, query, operation }) => {
          const found = await query(args)
          if (operation === '$queryRaw' && Array.isArray(found) && found[0]?.version !== undefined) {
            await prisma.httpSchedule.updateMany({ data: { url: 'http://example.com/new' } })
          }
          return found
        },
      },
    }) as unknown as PrismaClient,
  )
  const { fired, waitMs } = await slow.runOnce(0)
  expect(fired).toBe(0)
  expect(waitMs).toBeLessThanOrEqual(100)
  expect(await requests()).toEqual([])
  await look()
  expect(await requests()).toMatchObject([{ url: 'http://example.com/new' }])
})

test('a schedule that somebody holds does not stop the others', async () => {
  await create({ name: 'held', nextRunAt: minutesAgo(1) })
  await create({ name: 'free', nextRunAt: minutesAgo(0) })
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT 1 AS one FROM requeuest_schedule WHERE name = 'held' FOR UPDATE`
    expect(await look()).toBe(1)
  })
  expect(await look()).toBe(1)
  expect((await requests()).map(({ schedule }) => schedule)).toEqual(['held', 'free'])
})

test('a transaction that holds a line open stops no schedule but those of that line, and those only while it does', async () => {
  await create({ name: 'in line', orderKey: 'k', nextRunAt: minutesAgo(1) })
  await create({ name: 'free', nextRunAt: minutesAgo(0) })
  const holder = connect(database.url)
  await holder.$transaction(
    async (tx) => {
      await tx.httpRequest.create({ data: { channel: 'a', orderKey: 'k', url: 'http://example.com/' } })
      expect(await look()).toBe(1)
      expect(await prisma.httpRequest.count({ where: { schedule: 'free' } })).toBe(1)
    },
    { timeout: 15_000 },
  )
  expect(await look()).toBe(1)
  expect(errors).toEqual([])
  expect(await prisma.$queryRaw`SHOW lock_timeout`).toEqual([{ lock_timeout: '0' }])
})

test.each<['skip' | 'once' | 'all', number, number[]]>([
  ['skip', 30, [0]],
  ['once', 30, [0]],
  ['all', 5, [5, 4, 3, 2, 1, 0]],
])('a schedule after a time without a worker: %s: minutes fire as they should', async (catchUp, since, expected) => {
  await create({ cron: '* * * * *', catchUp, nextRunAt: minutesAgo(since) })
  while ((await look()) > 0);
  const fired = (await requests()).map(({ scheduledFor }) => scheduledFor!.getTime())
  const latest = fired.at(-1)!
  expect(fired).toEqual(expected.map((minutes) => latest - minutes * 60_000))
  expect(Math.abs(latest - minutesAgo(0).getTime())).toBeLessThanOrEqual(60_000)
  expect((await find()).nextRunAt!.getTime() - latest).toBe(60_000)
})

test.each<['skip' | 'once' | 'all', number]>([
  ['skip', 0],
  ['once', 1],
  ['all', 1],
])('a schedule after a time without a worker: %s: a day that is over', async (catchUp, expected) => {
  await create({ catchUp, nextRunAt: minutesAgo(10) })
  expect(await look()).toBe(expected)
  expect(await requests()).toHaveLength(expected)
  expect((await find()).nextRunAt!.getTime()).toBeGreaterThan(Date.now())
})

test('a schedule after a time without a worker: many times are caught up with in batches, between which others have their turn', async () => {
  await create({ cron: '* * * * *', catchUp: 'all', nextRunAt: minutesAgo(149) })
  await create({ name: 'other', nextRunAt: minutesAgo(0) })
  const first = await keeper.runOnce(3000)
  expect(first).toEqual({ fired: 101, waitMs: 0 })
  expect(await prisma.httpRequest.count({ where: { schedule: 'other' } })).toBe(1)
  expect((await keeper.runOnce(3000)).fired).toBeGreaterThanOrEqual(50)
  expect(await look()).toBeLessThanOrEqual(1)
})

test('a schedule after a time without a worker: what was made or changed by hand meanwhile counts from then', async () => {
  await create({ cron: '* * * * *', catchUp: 'all' })
  await prisma.$executeRaw`UPDATE requeuest_schedule SET changed_at = now() - interval '10 min'`
  expect(await look()).toBe(10)
})

test('a row that cannot fire stops no other, says why, tells it once, and fires when it is mended', async () => {
  await create({ name: 'broken', cron: '61 * * * *', nextRunAt: minutesAgo(2) })
  await create({ name: 'nowhere', timezone: 'Mars/Olympus' })
  await create({ name: 'fine', nextRunAt: minutesAgo(0) })
  expect(await look()).toBe(1)
  expect(await look()).toBe(0)
  expect(errors.map(({ code, message }) => [code, message])).toEqual([
    ['invalid_schedule', expect.stringMatching(/^The schedule "broken" cannot fire: .*minute.*0-59/)],
    ['invalid_schedule', expect.stringMatching(/^The schedule "nowhere" cannot fire: .*Mars\/Olympus/)],
  ])
  expect((await find('broken')).problem).toContain('minute: Constraint error, got value 61')
  expect((await find('fine')).problem).toBe(null)

  await prisma.httpSchedule.update({ where: { name: 'broken' }, data: { cron: '* * * * *' } })
  expect(await find('broken')).toMatchObject({ problem: null, nextRunAt: null })
  await look()
  expect((await find('broken')).nextRunAt!.getTime()).toBeGreaterThan(Date.now() - 60_000)
  await prisma.httpSchedule.update({ where: { name: 'nowhere' }, data: { problem: null } })
  await look()
  expect(errors).toHaveLength(3)
})

test('a row that Postgres refuses to make a request of does not stop the others either', async () => {
  await prisma.$executeRaw`ALTER TABLE requeuest_request ADD CONSTRAINT mine CHECK (url NOT LIKE '%forbidden%')`
  onTestFinished(async () => {
    await prisma.$executeRaw`ALTER TABLE requeuest_request DROP CONSTRAINT mine`
  })
  await create({ name: 'refused', url: 'http://example.com/forbidden', nextRunAt: minutesAgo(1) })
  await create({ name: 'fine', nextRunAt: minutesAgo(0) })
  expect(await look()).toBe(1)
  expect(await look()).toBe(0)
  expect(errors).toMatchObject([{ code: 'invalid_schedule' }])
  expect((await find('refused')).problem).toContain('violates check constraint "mine"')
})

describe('a schedule that is edited by hand:', () => {
  beforeEach(async () => {
    await create({ nextRunAt: new Date('2099-01-01T00:00Z') })
  })
  const edit = (data: Prisma.HttpScheduleUpdateInput) => prisma.httpSchedule.update({ where: { name: 'report' }, data })

  test('another expression or zone is planned anew', async () => {
    expect(await edit({ cron: '@hourly' })).toMatchObject({ nextRunAt: null })
    await look()
    expect((await find()).nextRunAt!.getTime()).toBeLessThanOrEqual(Date.now() + 3_600_000)
    expect(await edit({ timezone: 'Asia/Kolkata' })).toMatchObject({ nextRunAt: null })
    await look()
    expect((await find()).nextRunAt!.getUTCMinutes()).toBe(30)
  })

  test('a next time of the user holds, once', async () => {
    const nextRunAt = new Date(Date.now() + 1000)
    expect(await edit({ cron: '@hourly', nextRunAt })).toMatchObject({ nextRunAt })
  })

  test('what is sent is changed without a change of the plan', async () => {
    expect(await edit({ url: 'http://example.com/2', timezone: 'UTC' })).toMatchObject({
      nextRunAt: new Date('2099-01-01T00:00Z'),
    })
  })

  test('a pause takes the next time away, and its end brings it back, counted from there', async () => {
    const paused = await edit({ pausedAt: new Date(), cron: '* * * * *' })
    expect(paused.nextRunAt).toBe(null)
    await prisma.$executeRaw`UPDATE requeuest_schedule SET changed_at = now() - interval '1 day'`
    expect(await look()).toBe(0)
    expect(await edit({ pausedAt: null })).toMatchObject({ nextRunAt: null })
    expect(await look()).toBe(0)
    expect((await find()).nextRunAt!.getTime()).toBeGreaterThan(Date.now() - 60_000)
  })

  test.each<[string, Prisma.HttpScheduleUpdateInput]>([
    ['no name', { name: '' }],
    ['no channel', { channel: '' }],
    ['a negative jitter', { jitterMs: -1 }],
    ['a priority of 10', { priority: 10 }],
    ['an empty accept', { accept: [] }],
    ['no time', { timeoutMs: 0 }],
    ['no expiry', { expiresAfterMs: 0 }],
  ])('%s is refused', async (_, data) => {
    await expect(edit(data)).rejects.toThrow(/check constraint|23514/)
  })
})

test('jitter makes requests late by up to its length, each as late as ever', async () => {
  const jitterMs = 60_000
  await create({ cron: '* * * * *', catchUp: 'all', jitterMs, nextRunAt: minutesAgo(59) })
  while ((await look()) > 0);
  const late = (await requests()).map(({ id, runAt, scheduledFor }) => {
    expect(runAt.getTime() - scheduledFor!.getTime()).toBe(jitterOf(id, jitterMs))
    return runAt.getTime() - scheduledFor!.getTime()
  })
  expect(Math.min(...late)).toBeLessThan(20_000)
  expect(Math.max(...late)).toBeGreaterThan(40_000)
  expect(Math.max(...late)).toBeLessThanOrEqual(jitterMs)
  expect(jitterOf('00000000-0000-7000-8000-0000ffffffff', 0)).toBe(0)
  expect(jitterOf('00000000-0000-7000-8000-0000ffffffff', 10)).toBe(10)
  expect(jitterOf('00000000-0000-7000-8000-000000000000', 10)).toBe(0)
})

test('the ids of a schedule stand in the order of its times, among those that were spawned then', () => {
  const times = [0, 1, 1000, 86_400_000].map((ms) => 1_760_000_000_000 + ms)
  const ids = times.map((ms) => requestIdOf('report', ms))
  expect(ids.toSorted()).toEqual(ids)
  expect(requestIdOf('report', times[1]!) > v7({ msecs: times[0]! })).toBe(true)
  expect(requestIdOf('report', times[1]!) < v7({ msecs: times[2]! })).toBe(true)
  expect(new Set([...ids, ...times.map((ms) => requestIdOf('other', ms)), requestIdOf('report', times[0]!)]).size).toBe(
    8,
  )
})

test('a look says when the next one is due, and asks for no more than it needs', async () => {
  await create({ nextRunAt: new Date(Date.now() + 1000) })
  await create({ name: 'later', nextRunAt: new Date(Date.now() + 60_000) })
  const { fired, waitMs } = await keeper.runOnce(3000)
  expect(fired).toBe(0)
  expect(waitMs).toBeGreaterThan(0)
  expect(waitMs).toBeLessThanOrEqual(1000)
  await prisma.httpSchedule.delete({ where: { name: 'report' } })
  expect(await keeper.runOnce(3000)).toEqual({ fired: 0, waitMs: null })
})
