import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('outcomes group the attempts of the last minutes by receiver, whatever became of their requests', async () => {
  const fine = await receiverOf()
  const broken = await receiverOf((_, index) => ({ status: index < 3 ? 500 : 200 }))
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  const ids = await requeuest.spawnMany('a', [fine.url, fine.url, broken.url])
  for (const id of ids) await requeuest.waitFor(id)
  const { groups, attempts, withinMs } = await requeuest.inspect.outcomes()
  expect({ attempts, withinMs }).toEqual({ attempts: 6, withinMs: 300_000 })
  expect(groups).toMatchObject([
    { origin: broken.url, outcome: 'rejected', status: 500, errorCode: null, count: 3, exampleId: ids[2] },
    { origin: fine.url, outcome: 'accepted', status: 200, count: 2 },
    { origin: broken.url, outcome: 'accepted', count: 1 },
  ])
  const [rejected] = groups
  expect(rejected!.longestMs).toBeGreaterThanOrEqual(rejected!.averageMs)
  expect(rejected!.lastAt.getTime()).toBeGreaterThan(rejected!.firstAt.getTime())

  await database.prisma.httpAttempt.updateMany({ data: { startedAt: new Date(Date.now() - 600_000) } })
  expect(await requeuest.inspect.outcomes()).toEqual({ groups: [], attempts: 0, withinMs: 300_000 })
  expect(await requeuest.inspect.outcomes({ within: '1h' })).toMatchObject({ attempts: 6, withinMs: 3_600_000 })
})

test('of more attempts than are looked at, the last ones count', async () => {
  const { prisma } = database
  const id = await createRequeuest(prisma).spawn('a', 'http://example.com/')
  await prisma.$executeRaw`
    INSERT INTO requeuest_attempt (request_id, number, outcome, started_at, duration_ms, worker_id)
    SELECT ${id}::uuid, n, 'timeout', now() - (40000 - n) * interval '1 second', 1, 'w' FROM generate_series(1, 40000) AS n`
  const { attempts, withinMs, groups } = await createRequeuest(prisma).inspect.outcomes({ within: 40_000_000 })
  expect(withinMs).toBe(5_000_000)
  expect(attempts).toBeGreaterThan(4900)
  expect(attempts).toBeLessThanOrEqual(5000)
  expect(groups).toMatchObject([{ outcome: 'timeout', count: attempts, exampleId: id }])
})

test('many attempts that all ended a while ago are told of, not that there are none since', async () => {
  const { prisma } = database
  const id = await createRequeuest(prisma).spawn('a', 'http://example.com/')
  await prisma.$executeRaw`
    INSERT INTO requeuest_attempt (request_id, number, outcome, started_at, duration_ms, worker_id)
    SELECT ${id}::uuid, n, 'timeout', now() - interval '200 seconds', 1, 'w' FROM generate_series(1, 11000) AS n`
  const { attempts, withinMs, groups } = await createRequeuest(prisma).inspect.outcomes()
  expect({ withinMs, isMany: attempts > 10_000 }).toEqual({ withinMs: 300_000, isMany: true })
  expect(groups).toMatchObject([{ outcome: 'timeout', count: attempts, exampleId: id }])
})
