import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('failures are grouped by receiver and last attempt, and each group can be redriven', async () => {
  const broken = await receiverOf(() => ({ status: 503 }))
  const picky = await receiverOf(({ url }) => ({ status: url === '/teapot' ? 418 : 503 }))
  const requeuest = createRequeuest(database.prisma, { retry: { maxAttempts: 1 } })
  await requeuest.start({ channels: ['a'] })
  const urls = [
    ...Array(3).fill(broken.url),
    picky.url,
    `${picky.url}/teapot`,
    `${picky.url}/teapot`,
    'http://127.0.0.1:1/',
  ]
  const ids = await requeuest.spawnMany('a', urls)
  for (const id of ids) await requeuest.waitFor(id).catch(() => {})
  await requeuest.stop()

  const { groups, requests, since, isComplete } = await requeuest.inspect.failures()
  expect({ requests, isComplete }).toEqual({ requests: 7, isComplete: true })
  expect(since!.getTime()).toBe(Math.min(...groups.map(({ firstAt }) => firstAt.getTime())))
  const facts = groups.map(({ origin, outcome, status, errorCode, count }) => [
    origin,
    outcome,
    status,
    errorCode,
    count,
  ])
  expect(facts[0]).toEqual([broken.url, 'rejected', 503, null, 3])
  expect(facts).toHaveLength(4)
  expect(facts).toEqual(
    expect.arrayContaining([
      [picky.url, 'rejected', 418, null, 2],
      [picky.url, 'rejected', 503, null, 1],
      ['http://127.0.0.1:1', 'network_error', null, 'connection_refused', 1],
    ]),
  )
  expect(ids.slice(0, 3)).toContain(groups[0]!.exampleId)
  for (const group of groups) {
    expect(group.lastAt.getTime()).toBeGreaterThanOrEqual(group.firstAt.getTime())
    expect(await requeuest.redrive(group.where, { dryRun: true })).toMatchObject({ matched: group.count })
  }
})

test('failures are told as far back as was asked for, those without an attempt and those by hand included', async () => {
  const requeuest = createRequeuest(database.prisma)
  const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000)
  const fail = (finishedAt: Date, more = {}) =>
    database.prisma.httpRequest.create({
      data: { channel: 'a', url: 'http://a.example/', state: 'failed', finishedAt, ...more },
    })
  await fail(daysAgo(2), { failureCode: 'expired' })
  await fail(daysAgo(0), { bodiesPruned: true })
  const { groups } = await requeuest.inspect.failures({ within: '1d' })
  expect(groups).toMatchObject([{ origin: '', failureCode: null, outcome: null, count: 1, where: { state: 'failed' } }])
  expect((await requeuest.inspect.failures()).groups).toMatchObject([
    { failureCode: null },
    { failureCode: 'expired', where: { state: 'failed', failureCode: 'expired' } },
  ])
  await expect(requeuest.inspect.failures({ within: 0 })).rejects.toMatchObject({ field: 'options.within' })
})

test('a database without failures has no groups', async () => {
  const { inspect } = createRequeuest(database.prisma)
  expect(await inspect.failures()).toEqual({ groups: [], requests: 0, since: null, isComplete: true })
})
