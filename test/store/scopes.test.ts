import { describe, expect, test } from 'vitest'
import { listDueChannels } from '../../src/store/permits.ts'
import { claim } from '../support/factory.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const ORIGIN = 'http://a.test'
const lane = { channel: 'test', origin: ORIGIN, priority: 5 }
const create = (url = `${ORIGIN}/`, more = {}) =>
  database.prisma.httpRequest.create({ data: { channel: 'test', url, ...more } })

describe('a pause', () => {
  test.each([
    ['a channel', { channel: 'test' }],
    ['an origin', { origin: 'http://A.test:80/some/path?query' }],
  ])('of %s keeps every claim away, also of who does not know of it', async (_, target) => {
    const requeuest = createRequeuest(database.prisma)
    await create()
    await requeuest.pause(target)
    expect(await claim(database.prisma)).toEqual([])
    expect(await claim(database.prisma, { lanes: [lane] })).toEqual([])
    expect(await requeuest.resume(target)).toBe(true)
    expect(await claim(database.prisma)).toHaveLength(1)
    expect(await requeuest.resume(target)).toBe(false)
  })

  test('of one leaves the others as they are', async () => {
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

  test('says how many requests are under way, and keeps when it began', async () => {
    const requeuest = createRequeuest(database.prisma)
    for (let count = 0; count < 3; count++) await create()
    await claim(database.prisma, { limit: 2 })
    expect(await requeuest.pause({ channel: 'test' })).toEqual({ inFlight: 2 })
    const [begun] = await database.prisma.httpChannel.findMany()
    expect(await requeuest.pause({ channel: 'test' })).toEqual({ inFlight: 2 })
    expect(await database.prisma.httpChannel.findMany()).toEqual([begun])
    expect(await requeuest.pause({ origin: ORIGIN })).toEqual({ inFlight: 2 })
    expect(await requeuest.pause({ origin: 'http://b.test' })).toEqual({ inFlight: 0 })
  })

  test('in a transaction holds when that commits', async () => {
    const requeuest = createRequeuest(database.prisma)
    await create()
    const rolledBack = database.prisma.$transaction(async (tx) => {
      await requeuest.pause({ channel: 'test' }, { tx })
      await requeuest.setLimits({ origin: ORIGIN }, { concurrency: 1 }, { tx })
      throw new Error('no')
    })
    await expect(rolledBack).rejects.toThrow('no')
    expect(await database.prisma.httpChannel.count()).toBe(0)
    expect(await database.prisma.httpOrigin.count()).toBe(0)
    await database.prisma.$transaction((tx) => requeuest.pause({ channel: 'test' }, { tx }))
    expect(await claim(database.prisma)).toEqual([])
  })

  test('in a transaction that is over is refused', async () => {
    const requeuest = createRequeuest(database.prisma)
    const tx = await database.prisma.$transaction(async (client) => client)
    await expect(requeuest.pause({ channel: 'test' }, { tx })).rejects.toMatchObject({ code: 'transaction_closed' })
  })

  test('may be written by hand', async () => {
    await create()
    await database.prisma.httpOrigin.create({ data: { origin: ORIGIN, pausedAt: new Date() } })
    expect(await claim(database.prisma)).toEqual([])
  })
})

test('limits keep what they leave out, and null takes one away', async () => {
  const requeuest = createRequeuest(database.prisma)
  const read = () =>
    database.prisma.httpChannel.findUnique({
      where: { channel: 'a' },
      select: { concurrency: true, rate: true, rateIntervalMs: true },
    })
  await requeuest.setLimits({ channel: 'a' }, { concurrency: 5, rate: { limit: 100, intervalMs: 60_000 } })
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
  await expect(database.prisma.httpChannel.create({ data: { channel: 'a', ...wrong } })).rejects.toThrow('_check')
  await expect(database.prisma.httpOrigin.create({ data: { origin: ORIGIN, ...wrong } })).rejects.toThrow('_check')
})

test('a channel is due with any priority, but not before its time or its turn', async () => {
  const due = async () => (await listDueChannels(database.prisma, ['test', 'empty'])).map(({ name }) => name)
  await create(ORIGIN, { runAt: new Date(Date.now() + 60_000) })
  expect(await due()).toEqual([])
  await create(ORIGIN, { priority: 9 })
  expect(await due()).toEqual(['test'])
})
