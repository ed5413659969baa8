import { expect, onTestFinished, test } from 'vitest'
import { ActivityRecorder } from '../../src/activity/recorder.ts'
import { Events } from '../../src/events/events.ts'
import type { AttemptEvent } from '../../src/index.ts'
import { addActivity } from '../../src/store/activity.ts'
import { type Call, wrapClient } from '../faults/wrapped-client.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** What was counted of the last minute or two, by name. */
async function counted(kind: 'channel' | 'origin' = 'channel') {
  const rows = await database.prisma.httpActivity.groupBy({
    by: ['name'],
    where: { kind, minutes: 1 },
    _sum: { attempts: true, accepted: true, delivered: true, failed: true },
    orderBy: { name: 'asc' },
  })
  return rows.map(({ name, _sum }) => ({ name, ..._sum }))
}

function recorderOn(around: (call: Call) => Promise<unknown> = ({ run }) => run()) {
  const events = new Events()
  const recorder = new ActivityRecorder(wrapClient(database.prisma, around), events)
  const attempt = (some: Partial<AttemptEvent> = {}) =>
    events.emit('attempt', {
      channel: 'a',
      origin: 'http://a',
      outcome: 'accepted',
      startedAt: new Date(),
      durationMs: 10,
      ...some,
    } as AttemptEvent)
  return { recorder, events, attempt }
}

test('what workers send is counted by channel and by origin when they stop', async () => {
  const fine = await receiverOf()
  const broken = await receiverOf(() => ({ status: 500 }))
  const requeuest = createRequeuest(database.prisma, { retry: { maxAttempts: 3 } })
  await requeuest.start({ channels: ['a', 'b'] })
  const ids = [
    await requeuest.spawn('a', fine.url),
    await requeuest.spawn('b', fine.url),
    await requeuest.spawn('b', broken.url),
  ]
  await Promise.allSettled(ids.map((id) => requeuest.waitFor(id)))
  await requeuest.stop()
  expect(await counted()).toEqual([
    { name: 'a', attempts: 1, accepted: 1, delivered: 1, failed: 0 },
    { name: 'b', attempts: 4, accepted: 1, delivered: 1, failed: 1 },
  ])
  expect(new Set(await counted('origin'))).toEqual(
    new Set([
      { name: fine.url, attempts: 2, accepted: 2, delivered: 2, failed: 0 },
      { name: broken.url, attempts: 3, accepted: 0, delivered: 0, failed: 1 },
    ]),
  )
})

test('a drain counts what it sends, and requests that expired unsent', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('a', receiver.url)
  const late = await requeuest.spawn('late', receiver.url, { delay: '1h', expiresAfter: '2h' })
  await database.prisma.httpRequest.update({ where: { id: late }, data: { expiresAt: new Date(Date.now() - 1000) } })
  await requeuest.drain({ channels: 'all' })
  expect(await counted()).toEqual([
    { name: 'a', attempts: 1, accepted: 1, delivered: 1, failed: 0 },
    { name: 'late', attempts: 0, accepted: 0, delivered: 0, failed: 1 },
  ])
})

test('a process that has counted nothing asks nothing of the database', async () => {
  const calls: string[] = []
  const { recorder } = recorderOn(({ name, run }) => {
    calls.push(name)
    return run()
  })
  await recorder.flush()
  expect(calls).toEqual([])
})

test('what is refused is added the next time, once, with what was counted meanwhile', async () => {
  const { prisma } = database
  await prisma.$executeRaw`ALTER TABLE requeuest_activity ADD CONSTRAINT never CHECK (false)`
  const { recorder, attempt } = recorderOn()
  attempt()
  await expect(recorder.flush()).rejects.toMatchObject({ code: 'database_error' })
  attempt()
  await expect(recorder.flush()).rejects.toThrow('never')
  await prisma.$executeRaw`ALTER TABLE requeuest_activity DROP CONSTRAINT never`
  attempt({ outcome: 'timeout' })
  await recorder.flush()
  await recorder.flush()
  expect(await counted()).toMatchObject([{ name: 'a', attempts: 3, accepted: 2 }])
})

test('what may have been written without an answer is not added again', async () => {
  let isCut = true
  const { recorder, attempt } = recorderOn(async ({ name, run }) => {
    const result = await run()
    if (name === 'addActivity' && isCut) throw new Error('the connection broke')
    return result
  })
  attempt()
  await expect(recorder.flush()).rejects.toThrow('the connection broke')
  isCut = false
  attempt()
  await recorder.flush()
  expect(await counted()).toMatchObject([{ attempts: 2 }])
})

test('where the database could not be asked at all, nothing is lost', async () => {
  let isCut = true
  const { recorder, attempt } = recorderOn(({ run }) => (isCut ? Promise.reject(new Error('unreachable')) : run()))
  attempt()
  await expect(recorder.flush()).rejects.toThrow('unreachable')
  isCut = false
  await recorder.flush()
  expect(await counted()).toMatchObject([{ attempts: 1 }])
})

test('counts that cannot be written are reported, and keep nobody from sending and stopping', async () => {
  const { prisma } = database
  await prisma.$executeRaw`ALTER TABLE requeuest_activity ADD CONSTRAINT never CHECK (false)`
  onTestFinished(async () => void (await prisma.$executeRaw`ALTER TABLE requeuest_activity DROP CONSTRAINT never`))
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  const errors: string[] = []
  requeuest.on('error', ({ message }) => errors.push(message))
  await requeuest.start({ channels: ['a'] })
  expect(await requeuest.spawnReturning('a', receiver.url)).toMatchObject({ status: 200 })
  await requeuest.stop()
  expect(errors).toEqual([expect.stringContaining('requeuest_activity')])
})

test('two workers that add to the same rows at the same time lose nothing', async () => {
  const { prisma } = database
  const other = connect(database.url)
  const names = Array.from({ length: 40 }, (_, index) => `http://${index}`)
  const rowsOf = (order: readonly string[]) =>
    order.map((name) => ({
      kind: 'origin' as const,
      name,
      minutes: 1,
      minute: 29_000_000,
      attempts: 2,
      accepted: 1,
      delivered: 1,
      failed: 1,
      totalMs: 3_000_000_000,
      latency: [0, 2],
    }))
  const adding = (client: typeof prisma, order: readonly string[]) =>
    Array.from({ length: 10 }, () => addActivity(client, rowsOf(order)).then((count) => count))
  await Promise.all([...adding(prisma, names), ...adding(other, names.toReversed())])
  await addActivity(prisma, [{ ...rowsOf(['http://0'])[0]!, latency: [1, 0, 0, 5] }])
  const rows = await prisma.httpActivity.findMany({ orderBy: { attempts: 'desc' } })
  expect(rows).toHaveLength(40)
  expect(rows[0]).toMatchObject({ attempts: 42, totalMs: 63_000_000_000n, latency: [1, 40, 0, 5] })
  for (const row of rows.slice(1)) {
    const totalMs = 60_000_000_000n
    expect(row).toMatchObject({ attempts: 40, accepted: 20, delivered: 20, failed: 20, totalMs, latency: [0, 40] })
  }
})

test('however many origins there are, the workers of a database write rows of 50 of them in half an hour', async () => {
  for (let worker = 0; worker < 3; worker++) {
    const { recorder, attempt } = recorderOn()
    for (let index = 0; index < 40; index++) attempt({ origin: `http://${worker}-${index}` })
    await recorder.flush()
  }
  const rows = await database.prisma.httpActivity.findMany({ where: { kind: 'origin', minutes: 30 } })
  const named = rows.filter(({ name }) => name !== '')
  // At the turn of a span there are two of them.
  expect(named.length).toBeGreaterThanOrEqual(50)
  expect(named.length).toBeLessThanOrEqual(50 * new Set(rows.map(({ at }) => at.getTime())).size)
  expect(rows.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(120)
})

test('names are kept as they are, in any letters', async () => {
  const { recorder, attempt } = recorderOn()
  const channel = 'Ä,"{}\\ /null'
  attempt({ channel })
  attempt({ channel: 'NULL' })
  await recorder.flush()
  expect((await counted()).map(({ name }) => name).sort()).toEqual(['NULL', channel])
})
