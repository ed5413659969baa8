import { expect, test } from 'vitest'
import { closeBreaker, openBreaker, postponeOrigin, takeProbes } from '../../src/store/breakers.ts'
import { listDueChannels, takePermits } from '../../src/store/permits.ts'
import { takeSemaphoreLeases } from '../../src/store/semaphore-leases.ts'
import { selectSettings } from '../../src/store/settings.ts'
import { claim } from '../support/factory.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const ORIGIN = 'http://a.test'
const lane = { channel: 'test', origin: ORIGIN, priority: 5 }
const floor = { channel: 'test', priority: 5, runAtMs: 0, id: '00000000-0000-0000-0000-000000000000' }
const create = (url = `${ORIGIN}/`, more = {}) =>
  database.prisma.httpRequest.create({ data: { channel: 'test', url, origin: new URL(url).origin, ...more } })

const scopesOf = async (channels: string[] | null, worker = 'a') =>
  (await selectSettings(database.prisma, channels, worker, false, [ORIGIN]))[0]!.scopes

test.each([
  ['a channel', { channel: 'test' }],
  ['an origin', { origin: 'http://A.test:80/some/path?query' }],
])('a pause of %s keeps every claim away, also of who does not know of it', async (_, target) => {
  const requeuest = createRequeuest(database.prisma)
  await create()
  await requeuest.pause(target)
  expect(await claim(database.prisma)).toEqual([])
  expect(await claim(database.prisma, { lanes: [lane] })).toEqual([])
  expect(await claim(database.prisma, { watermarks: [floor] })).toEqual([])
  expect(await requeuest.resume(target)).toBe(true)
  expect(await claim(database.prisma)).toHaveLength(1)
  expect(await requeuest.resume(target)).toBe(false)
})

test('a pause of one leaves the others as they are', async () => {
  const requeuest = createRequeuest(database.prisma)
  await create('http://b.test/')
  await create(`${ORIGIN}/`, { channel: 'other' })
  await create()
  await requeuest.pause({ origin: ORIGIN })
  expect(await claim(database.prisma)).toMatchObject([{ url: 'http://b.test/' }])
  await requeuest.pause({ channel: 'test' })
  await requeuest.resume({ origin: ORIGIN })
  expect(await claim(database.prisma, { channels: ['test', 'other'] })).toMatchObject([{ channel: 'other' }])
})

test('a pause says how many requests are under way, and keeps when it began', async () => {
  const requeuest = createRequeuest(database.prisma)
  for (let count = 0; count < 3; count++) await create()
  await claim(database.prisma, { limit: 2 })
  expect(await requeuest.pause({ channel: 'test' })).toEqual({ inFlight: 2 })
  const [begun] = await database.prisma.httpLimit.findMany()
  expect(await requeuest.pause({ channel: 'test' })).toEqual({ inFlight: 2 })
  expect(await database.prisma.httpLimit.findMany()).toEqual([begun])
  expect(await requeuest.pause({ origin: ORIGIN })).toEqual({ inFlight: 2 })
  expect(await requeuest.pause({ origin: 'http://b.test' })).toEqual({ inFlight: 0 })
})

test('a pause in a transaction holds when that commits', async () => {
  const requeuest = createRequeuest(database.prisma)
  await create()
  const rolledBack = database.prisma.$transaction(async (tx) => {
    await requeuest.pause({ channel: 'test' }, { tx })
    await requeuest.setLimits({ origin: ORIGIN }, { concurrency: 1 }, { tx })
    throw new Error('no')
  })
  await expect(rolledBack).rejects.toThrow('no')
  expect(await database.prisma.httpLimit.count()).toBe(0)
  await database.prisma.$transaction((tx) => requeuest.pause({ channel: 'test' }, { tx }))
  expect(await claim(database.prisma)).toEqual([])
})

test('a pause in a transaction that is over is refused', async () => {
  const requeuest = createRequeuest(database.prisma)
  const tx = await database.prisma.$transaction(async (client) => client)
  await expect(requeuest.pause({ channel: 'test' }, { tx })).rejects.toMatchObject({ code: 'transaction_closed' })
})

test('a pause may be written by hand', async () => {
  await create()
  await database.prisma.httpLimit.create({ data: { kind: 'origin', name: ORIGIN, pausedAt: new Date() } })
  expect(await claim(database.prisma)).toEqual([])
})

test('limits keep what they leave out, and null takes one away', async () => {
  const requeuest = createRequeuest(database.prisma)
  const read = () =>
    database.prisma.httpLimit.findUnique({
      where: { kind_name: { kind: 'channel', name: 'a' } },
      select: { concurrency: true, rate: true, rateIntervalMs: true },
    })
  await requeuest.setLimits({ channel: 'a' }, { concurrency: 5, rate: { limit: 100, interval: 60_000 } })
  expect(await read()).toEqual({ concurrency: 5, rate: 100, rateIntervalMs: 60_000 })
  await requeuest.setLimits({ channel: 'a' }, { concurrency: 7 })
  expect(await read()).toEqual({ concurrency: 7, rate: 100, rateIntervalMs: 60_000 })
  await requeuest.setLimits({ channel: 'a' }, { concurrency: null, rate: { limit: 1 } })
  expect(await read()).toEqual({ concurrency: null, rate: 1, rateIntervalMs: 1000 })
  await requeuest.setLimits({ channel: 'a' }, { rate: null })
  expect(await read()).toMatchObject({ concurrency: null, rate: null })
})

test.each([
  ['no slot', { concurrency: 0 }],
  ['no rate', { rate: 0 }],
  ['an interval of nothing', { rateIntervalMs: 0 }],
])('the database refuses %s', async (_, wrong) => {
  await expect(database.prisma.httpLimit.create({ data: { kind: 'channel', name: 'a', ...wrong } })).rejects.toThrow(
    '_check',
  )
  await expect(database.prisma.httpLimit.create({ data: { kind: 'origin', name: ORIGIN, ...wrong } })).rejects.toThrow(
    '_check',
  )
})

test.each([
  ['a breaker', { breaker: 'open' as const, openUntil: new Date() }],
  ['a time to wait for', { retryAt: new Date() }],
  ['a name of 201 characters', { name: 'x'.repeat(201) }],
])('the database refuses a channel with %s, which an origin may have', async (_, more) => {
  const create = (kind: 'channel' | 'origin') =>
    database.prisma.httpLimit.create({ data: { kind, name: 'a', ...more }, select: { kind: true } })
  await expect(create('channel')).rejects.toThrow('_check')
  expect(await create('origin')).toEqual({ kind: 'origin' })
})

test('a channel is due with any priority, but not before its time or its turn', async () => {
  const due = async () => (await listDueChannels(database.prisma, ['test', 'empty'])).map(({ name }) => name)
  await create(ORIGIN, { runAt: new Date(Date.now() + 60_000) })
  expect(await due()).toEqual([])
  await create(ORIGIN, { priority: 9 })
  expect(await due()).toEqual(['test'])
})

const take = async (wanted: number) => (await takePermits(database.prisma, 'channel', new Map([['a', wanted]])))[0]
const limit = (rate: number, more = {}) =>
  database.prisma.httpLimit.upsert({
    where: { kind_name: { kind: 'channel', name: 'a' } },
    create: { kind: 'channel', name: 'a', rate, ...more },
    update: { rate, ...more },
  })

test('a rate gives out what is free in the next quarter of a second, each start once', async () => {
  await limit(100)
  const first = await take(10)
  expect(first).toMatchObject({ count: 10, spacingMs: 10 })
  const second = await take(1000)
  // Behind the first ones, as far as these have not come yet.
  expect(second!.fromMs).toBeGreaterThan(-100)
  expect(second!.fromMs + second!.count * 10).toBeGreaterThan(230)
  expect(second!.fromMs + second!.count * 10).toBeLessThanOrEqual(260)
  expect(await take(1000)).toMatchObject({ count: expect.toSatisfy((count) => count < 20) })
})

test('a rate gives one start at a time where they are further apart, and none in between', async () => {
  await limit(1, { rateIntervalMs: 60_000 })
  expect(await take(10)).toMatchObject({ count: 1, fromMs: 0 })
  const next = await take(10)
  expect(next).toMatchObject({ count: 0 })
  expect(next!.fromMs).toBeGreaterThan(50_000)
})

test('a rate that was raised holds at once', async () => {
  await limit(1, { rateIntervalMs: 86_400_000 })
  await take(1)
  await limit(100, { rateIntervalMs: 1000 })
  expect(await take(10)).toMatchObject({ count: 10, fromMs: 0 })
})

test('a rate of nothing gives nothing', async () => {
  await database.prisma.httpLimit.create({ data: { kind: 'channel', name: 'a', concurrency: 1 } })
  expect(await take(10)).toBeUndefined()
})

test('the leases of a limit never exceed it, and go where they are wanted', async () => {
  await database.prisma.httpLimit.create({ data: { kind: 'origin', name: ORIGIN, concurrency: 10 } })
  const held = new Map<string, number>()
  const share = async (worker: string, wanted: number) => {
    const needs = [{ name: ORIGIN, inUse: held.get(worker) ?? 0, wanted }]
    const [taken] = await takeSemaphoreLeases(database.prisma, 'origin', needs, worker, 60_000)
    held.set(worker, Math.min(taken!.allowed, wanted))
    expect([...held.values()].reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(10)
    return taken!.allowed
  }
  expect(await share('a', 50)).toBe(10)
  // Nothing is free until the first one has renewed its share.
  expect(await share('b', 50)).toBe(0)
  expect(await share('a', 50)).toBe(5)
  held.set('a', 5)
  await share('a', 50)
  expect(await share('b', 50)).toBe(5)
  // What one has no use for, and has ended, is for the other.
  held.set('b', 1)
  await share('b', 1)
  expect(await share('a', 50)).toBe(9)
  // The dead are forgotten.
  await database.prisma.httpSemaphoreLease.updateMany({ where: { workerId: 'a' }, data: { leaseUntil: new Date(0) } })
  held.delete('a')
  expect(await share('b', 50)).toBe(10)
})

test('one worker at a time tries out an origin, after its time', async () => {
  const { prisma } = database
  const policy = { failureRate: 1, minRequests: 1, windowMs: 1, openMs: 60_000, maxOpenMs: 100_000 }
  const probe = (worker: string) => takeProbes(prisma, [ORIGIN], worker, 30_000)
  const endTime = () => prisma.httpLimit.updateMany({ data: { openUntil: new Date(0) } })
  const [opened] = await openBreaker(prisma, ORIGIN, policy, 'a', 1)
  expect(opened!.openForMs).toBeCloseTo(60_000, -3)
  expect(await openBreaker(prisma, ORIGIN, policy, 'b', 1)).toEqual([])
  expect(await probe('a')).toEqual([])
  await endTime()
  expect(await probe('a')).toHaveLength(1)
  expect(await probe('b')).toEqual([])
  const openForMs = async (worker: string) => (await scopesOf([], worker))[0]?.openForMs
  expect(await openForMs('b')).toBeCloseTo(30_000, -4)
  // Who did not hear that it may is not kept from it.
  expect(await openForMs('a')).toBeNull()
  expect(await probe('a')).toHaveLength(1)
  // Only who tries says how that went.
  expect(await openBreaker(prisma, ORIGIN, policy, 'b', 1)).toEqual([])
  const [again] = await openBreaker(prisma, ORIGIN, policy, 'a', 1)
  expect(again!.openForMs).toBeCloseTo(100_000, -3)
  await endTime()
  await probe('a')
  await prisma.httpLimit.updateMany({ data: { probeUntil: new Date(0) } })
  expect(await probe('b')).toHaveLength(1)
  expect(await closeBreaker(prisma, ORIGIN)).toHaveLength(1)
  expect(await closeBreaker(prisma, ORIGIN)).toEqual([])
})

test('who asked for longer before is not asked for less', async () => {
  const retryInMs = async () => (await scopesOf(null))[0]?.retryInMs
  await postponeOrigin(database.prisma, ORIGIN, 60_000)
  await postponeOrigin(database.prisma, ORIGIN, 1000)
  expect(await retryInMs()).toBeGreaterThan(50_000)
})

test('nothing is told of channels that a worker does not have, nor of what has nothing to say', async () => {
  await database.prisma.httpLimit.createMany({
    data: [{ name: 'a', rate: 1 }, { name: 'b', rate: 1 }, { name: 'c' }].map((one) => ({ kind: 'channel', ...one })),
  })
  await database.prisma.httpLimit.create({ data: { kind: 'origin', name: ORIGIN, retryAt: new Date(0) } })
  expect((await scopesOf(['a', 'c'])).map(({ name }) => name)).toEqual(['a'])
  expect(await scopesOf(null)).toHaveLength(2)
})
