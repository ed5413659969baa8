import { setImmediate } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { http, type Requeuest, type RequeuestOptions, type SpawnOptions } from '../../src/index.ts'
import { runWith } from '../faults/faults.ts'
import { type Call, wrapClient } from '../faults/wrapped-client.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const LANES = 4

const url = (name: string | number) => `http://example.com/${name}`
const rowOf = (id: string) => database.prisma.httpRequest.findUnique({ where: { id } })
const count = () => database.prisma.httpRequest.count()

/** An instance that tells nobody, knows where its tables are, and the names of the calls to the database that it has begun since. */
async function watched(run: (call: Call) => Promise<unknown> = (call) => call.run(), options: RequeuestOptions = {}) {
  const calls: string[] = []
  const prisma = wrapClient(database.prisma, (call) => {
    if (call.name === 'listSchedules') return call.run()
    calls.push(call.name)
    return run(call)
  })
  const requeuest = createRequeuest(prisma as PrismaClient, { notify: false, ...options })
  await requeuest.schedules()
  return { requeuest, calls }
}

/** Lets calls through when it is told to. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { open, hold: (call: Call) => opened.then(() => call.run()) }
}

const spawnAll = (requeuest: Requeuest, names: readonly (string | number)[], options?: SpawnOptions) =>
  Promise.allSettled(names.map((name) => requeuest.spawn('a', http.post(url(name), { body: `body ${name}` }), options)))

test.each<[string, RequeuestOptions]>([
  ['as they are', {}],
  ['encrypted', { encryption: { keys: { k: Buffer.alloc(32, 7) }, current: 'k' } }],
])('what is spawned in one turn is written with one statement, each with what is its own: %s', async (_, options) => {
  const { requeuest, calls } = await watched(undefined, options)
  const ids = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      requeuest.spawn(
        n % 2 ? 'odd' : 'even',
        { method: n % 3 ? 'PUT' : 'POST', url: url(n), headers: { 'x-n': `${n % 5}` }, body: `body ${n}` },
        { priority: n % 10, ...(n === 7 && { delay: 60_000, retry: { onStatus: { 500: 'fail' } } }) },
      ),
    ),
  )
  expect(calls).toEqual(['insertRequests'])
  for (const [n, id] of ids.entries()) {
    const row = requeuest.decrypt((await rowOf(id))!)
    expect(row).toMatchObject({
      channel: n % 2 ? 'odd' : 'even',
      method: n % 3 ? 'PUT' : 'POST',
      url: url(n),
      origin: 'http://example.com',
      priority: n % 10,
      onStatus: n === 7 ? { 500: 'fail' } : null,
    })
    expect(row.headers).toContainEqual(['x-n', `${n % 5}`])
    expect(String(Buffer.from(row.body!))).toBe(`body ${n}`)
    expect(row.runAt.getTime() - row.createdAt.getTime()).toBe(n === 7 ? 60_000 : 0)
  }
})

test('one that comes alone is written in the turn in which it comes', async () => {
  const { requeuest, calls } = await watched()
  const spawning = requeuest.spawn('a', url('alone'))
  await setImmediate()
  expect(calls).toEqual(['insertRequest'])
  expect(await rowOf(await spawning)).toMatchObject({ url: url('alone') })
})

test('what comes while the lanes are full goes together, and nothing is acknowledged before it is there', async () => {
  const { open, hold } = gate()
  const { requeuest, calls } = await watched(hold)
  const spawnings: Promise<string>[] = []
  let acknowledged = 0
  for (let n = 0; n < LANES + 20; n++) {
    const spawning = requeuest.spawn('a', url(n))
    spawnings.push(spawning.finally(() => acknowledged++))
    await setImmediate()
  }
  expect(calls).toEqual(Array(LANES).fill('insertRequest'))
  expect([acknowledged, await count()]).toEqual([0, 0])
  open()
  const ids = await Promise.all(spawnings)
  expect(calls.slice(LANES)).toEqual(['insertRequests'])
  const rows = await database.prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
  expect(rows.map((row) => [row.id, row.url])).toEqual(ids.map((id, n) => [id, url(n)]))
})

test('a statement takes no more than 200 of them, nor much more than a mebibyte', async () => {
  const { requeuest, calls } = await watched()
  await spawnAll(
    requeuest,
    Array.from({ length: 401 }, (_, n) => n),
  )
  expect(calls).toEqual(['insertRequests', 'insertRequests', 'insertRequest'])
  const body = Buffer.alloc(400_000)
  calls.length = 0
  await Promise.all(Array.from({ length: 4 }, () => requeuest.spawn('a', http.post(url('large'), { body }))))
  expect(calls).toEqual(['insertRequests', 'insertRequests'])
  expect(await count()).toBe(405)
})

test('one that the database refuses fails alone', async () => {
  const { prisma } = database
  await prisma.$executeRaw`ALTER TABLE requeuest_request ADD CONSTRAINT no_evil CHECK (url NOT LIKE '%evil%')`
  try {
    const { requeuest } = await watched()
    const results = await spawnAll(requeuest, ['one', 'evil', 'two', 'evil/too', 'three'])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
    expect(results[1]).toMatchObject({
      reason: { code: 'database_error', message: expect.stringContaining('no_evil') },
    })
    const rows = await prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
    expect(rows.map((row) => row.url)).toEqual(['one', 'two', 'three'].map(url))
    expect(rows.map((row) => row.id)).toEqual(results.flatMap((result) => ('value' in result ? result.value : [])))
  } finally {
    await prisma.$executeRaw`ALTER TABLE requeuest_request DROP CONSTRAINT no_evil`
  }
})

test.each(['refused', 'unanswered'] as const)(
  'a statement that is %s is not said again, and the next ones are written',
  async (way) => {
    const { requeuest, calls } = await watched((call) => runWith([{ name: 'insertRequests', nth: 1, way }], call))
    const results = await spawnAll(requeuest, [1, 2, 3])
    expect(results).toMatchObject(Array(3).fill({ status: 'rejected', reason: { code: 'database_error' } }))
    expect([calls, await count()]).toEqual([['insertRequests'], way === 'refused' ? 0 : 3])
    expect(await spawnAll(requeuest, [4, 5])).toMatchObject(Array(2).fill({ status: 'fulfilled' }))
  },
)

test.each<[string, SpawnOptions]>([
  ['an id of its own', { id: '01890000-0000-7000-8000-000000000001' }],
  ['a line', { order: 'channel' }],
  ['a key', { dedupe: { key: 'key' } }],
])('what may have to wait for a transaction of somebody else goes alone: %s', async (_, options) => {
  const { requeuest, calls } = await watched()
  await Promise.all([requeuest.spawn('a', url(1)), requeuest.spawn('a', url(2)), requeuest.spawn('a', url(3), options)])
  expect(calls.filter((name) => name.startsWith('insert')).toSorted()).toEqual(['insertRequest', 'insertRequests'])
  expect(await count()).toBe(3)
})

test('what is spawned in a transaction goes by that transaction alone', async () => {
  const { requeuest, calls } = await watched()
  const rolledBack = database.prisma.$transaction(async (tx) => {
    await Promise.all([
      requeuest.spawn('a', url('in'), { tx }),
      requeuest.spawn('a', url(1)),
      requeuest.spawn('a', url(2)),
    ])
    throw new Error('back')
  })
  await expect(rolledBack).rejects.toThrow('back')
  expect(calls).toEqual(['insertRequests'])
  expect((await database.prisma.httpRequest.findMany()).map((row) => row.url).toSorted()).toEqual([url(1), url(2)])
})
