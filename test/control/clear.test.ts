import pg from 'pg'
import { expect, test, vi } from 'vitest'
import { RequestCancelledError } from '../../src/index.ts'
import { claim } from '../support/factory.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'http://example.com/'

/** How many of each channel still wait. */
async function pending(): Promise<Record<string, number>> {
  const rows = await database.prisma.httpRequest.groupBy({
    by: ['channel'],
    where: { state: 'pending' },
    _count: true,
  })
  return Object.fromEntries(rows.map(({ channel, _count }) => [channel, _count]))
}

/** The transactions that have changed the request and are open. */
function locksOf(id: string) {
  return database.prisma.$queryRaw<unknown[]>`
    SELECT xmax::text FROM requeuest_request WHERE id = ${id}::uuid AND xmax::text <> '0'`
}

/** How many statements wait for a lock. */
async function waiting(): Promise<number> {
  const rows = await database.prisma.$queryRaw<unknown[]>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return rows.length
}

test.each([
  ['one channel', { channel: 'a' }, 2, { b: 1, all: 1 }],
  ['several', { channel: { in: ['a', 'b', 'a', 'none'] } }, 3, { all: 1 }],
  ['none of them', { channel: { in: [] } }, 0, { a: 2, b: 1, all: 1 }],
  ['a channel that is called all', { channel: 'all' }, 1, { a: 2, b: 1 }],
  ['every channel', 'all' as const, 4, {}],
])('clear cancels what waits in %s', async (_, target, cleared, left) => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawnMany('a', [url, url])
  await requeuest.spawn('b', url)
  await requeuest.spawn('all', url)
  expect(await requeuest.clear(target)).toBe(cleared)
  expect(await pending()).toEqual(left)
})

test('clear waits for a change of a request that is rolled back, and not for a row that refers to one', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const [changed, referred] = await requeuest.spawnMany('a', [url, url])
  let rollBack = (_error: Error) => {}
  const changing = prisma.$transaction(async (tx) => {
    await requeuest.reschedule(changed!, new Date(0), { tx })
    await new Promise((_, reject) => {
      rollBack = reject
    })
  })
  const referring = new pg.Client(database.url)
  await referring.connect()
  await referring.query('BEGIN')
  // As a foreign key locks what it refers to.
  await referring.query('SELECT FROM requeuest_request WHERE id = $1 FOR KEY SHARE', [referred])
  await vi.waitFor(async () => expect(await locksOf(changed!)).toHaveLength(1))
  const clearing = requeuest.clear({ channel: 'a' })
  await vi.waitFor(async () => expect(await waiting()).toBe(1))
  rollBack(new Error('back'))
  await expect(changing).rejects.toThrow('back')
  expect(await clearing).toBe(2)
  await referring.query('ROLLBACK')
  await referring.end()
  expect(await pending()).toEqual({})
})

test('clear commits with the business change, and only then', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const id = await requeuest.spawn('a', url)
  await requeuest.spawn('b', url)
  const waiting = requeuest.waitFor(id).catch((error: unknown) => error)
  const rolledBack = prisma.$transaction(async (tx) => {
    await requeuest.spawn('a', url, { tx })
    expect(await requeuest.clear({ channel: 'a' }, { tx })).toBe(2)
    expect(await requeuest.clear('all', { tx })).toBe(1)
    expect(await pending()).toEqual({ a: 1, b: 1 })
    throw new Error('rolled back')
  })
  await expect(rolledBack).rejects.toThrow('rolled back')
  expect(await pending()).toEqual({ a: 1, b: 1 })
  await prisma.$transaction((tx) => requeuest.clear({ channel: 'a' }, { tx }))
  expect(await pending()).toEqual({ b: 1 })
  expect(await waiting).toBeInstanceOf(RequestCancelledError)
})

test('clear in a transaction cancels more than one batch, and nothing that is being sent', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  await requeuest.spawnMany('test', Array(5500).fill(url))
  const claimed = (await claim(prisma)).length
  expect(claimed).toBeGreaterThan(0)
  const cleared = await prisma.$transaction((tx) => requeuest.clear({ channel: 'test' }, { tx }), { timeout: 20_000 })
  expect(cleared).toBe(5500 - claimed)
  expect(await pending()).toEqual({})
})

test('clear in a transaction that is over is refused', async () => {
  const requeuest = createRequeuest(database.prisma)
  let late: Parameters<Parameters<typeof database.prisma.$transaction>[0]>[0] | undefined
  await database.prisma.$transaction(async (tx) => {
    late = tx
  })
  await expect(requeuest.clear('all', { tx: late! })).rejects.toMatchObject({ code: 'transaction_closed' })
  await expect(requeuest.release({ channel: 'a' }, { tx: late! })).rejects.toMatchObject({
    code: 'transaction_closed',
  })
})
