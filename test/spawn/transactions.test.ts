import { expect, test } from 'vitest'
import { http, type PrismaTransactionLike } from '../../src/index.ts'
import { connect, createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const URL_TEXT = 'https://example.com/'
const ID = '019ab000-0000-7000-8000-00000000000b'

class Rollback extends Error {}

test('a spawn in a transaction is seen inside at once, outside when that commits', async () => {
  const { prisma, url } = database
  const requeuest = createRequeuest(prisma)
  const outside = connect(url)
  const id = await prisma.$transaction(async (tx) => {
    const id = await requeuest.spawn('billing', URL_TEXT, { tx })
    expect(await tx.httpRequest.count({ where: { id } })).toBe(1)
    expect(await outside.httpRequest.count()).toBe(0)
    return id
  })
  expect(await outside.httpRequest.findUnique({ where: { id } })).toMatchObject({ state: 'pending', url: URL_TEXT })
})

test('a spawn in a transaction is never there when that is rolled back, and neither is its line', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const rolledBack = prisma.$transaction(async (tx) => {
    await requeuest.spawn('billing', URL_TEXT, { tx, order: 'channel' })
    await requeuest.spawnMany('billing', [URL_TEXT, URL_TEXT], { tx })
    throw new Rollback()
  })
  await expect(rolledBack).rejects.toThrow(Rollback)
  expect(await prisma.httpRequest.count()).toBe(0)
  expect(await prisma.httpLine.count()).toBe(0)
})

test('a spawn in a transaction that is refused before it is written leaves the transaction usable', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  await prisma.$transaction(async (tx) => {
    await expect(requeuest.spawn('billing', 'ftp://example.com/', { tx })).rejects.toThrow('request.url')
    await requeuest.spawn('billing', URL_TEXT, { tx })
  })
  expect(await prisma.httpRequest.count()).toBe(1)
})

test('a spawn in a transaction goes where the transaction goes, not to the database of the instance', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(connect('postgresql://nobody@127.0.0.1:1/nowhere'))
  await prisma.$transaction((tx) => requeuest.spawn('billing', URL_TEXT, { tx }))
  expect(await prisma.httpRequest.count()).toBe(1)
})

test.each<[string, (tx: PrismaTransactionLike) => Promise<unknown>]>([
  ['spawn', (tx) => createRequeuest(database.prisma).spawn('billing', URL_TEXT, { tx })],
  ['spawnMany', (tx) => createRequeuest(database.prisma).spawnMany('billing', [URL_TEXT], { tx })],
  [
    'a spawn with a key',
    (tx) => createRequeuest(database.prisma).spawn('billing', URL_TEXT, { tx, dedupe: { key: 'a' } }),
  ],
  ['cancel', (tx) => createRequeuest(database.prisma).cancel(ID, { tx })],
  ['reschedule', (tx) => createRequeuest(database.prisma).reschedule(ID, new Date(), { tx })],
  ['retarget', (tx) => createRequeuest(database.prisma).retarget(ID, { headers: {} }, { tx })],
  ['redrive', (tx) => createRequeuest(database.prisma).redrive(ID, { tx })],
])('a spawn in a transaction that is over is refused by %s with the way to do it right', async (_, spawn) => {
  const { prisma } = database
  const committed = await prisma.$transaction(async (tx) => tx)
  let rolledBack: PrismaTransactionLike | undefined
  await prisma
    .$transaction(async (tx) => {
      rolledBack = tx
      throw new Rollback()
    })
    .catch(() => {})
  for (const tx of [committed, rolledBack!]) {
    await expect(spawn(tx)).rejects.toMatchObject({
      name: 'RequeuestError',
      code: 'transaction_closed',
      message: expect.stringContaining('options.tx is a transaction that is over'),
      cause: expect.objectContaining({ code: 'P2028' }),
    })
  }
  expect(await prisma.httpRequest.count()).toBe(0)
})

test('a spawn in a transaction that has failed already says what the database says', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const failed = prisma.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT 1 / 0`.catch(() => {})
    await requeuest.spawn('billing', URL_TEXT, { tx })
  })
  await expect(failed).rejects.toMatchObject({
    code: 'database_error',
    message: expect.stringContaining('current transaction is aborted'),
  })
})

test('spawning many returns the ids in the order of the requests', async () => {
  const { prisma } = database
  const urls = Array.from({ length: 300 }, (_, index) => `${URL_TEXT}${index}`)
  const ids = await createRequeuest(prisma).spawnMany('billing', urls, { priority: 2, delay: 5000 })
  expect(new Set(ids).size).toBe(300)
  const rows = await prisma.httpRequest.findMany()
  const urlOf = new Map(rows.map((row) => [row.id, row.url]))
  expect(ids.map((id) => urlOf.get(id))).toEqual(urls)
  expect(rows.every((row) => row.channel === 'billing' && row.priority === 2)).toBe(true)
})

test('spawning many puts them into their line in the order of the requests', async () => {
  const { prisma } = database
  const urls = Array.from({ length: 30 }, (_, index) => `${URL_TEXT}${index}`)
  await createRequeuest(prisma).spawnMany('billing', urls, { order: { key: 'customer:7' } })
  const rows = await prisma.httpRequest.findMany({ orderBy: { orderSeq: 'asc' } })
  expect(rows.map((row) => row.url)).toEqual(urls)
  expect(rows.map((row) => row.blocked)).toEqual(urls.map((_, index) => index > 0))
})

test('spawning many takes every form of request', async () => {
  const { prisma } = database
  const ids = await createRequeuest(prisma).spawnMany('billing', [
    URL_TEXT,
    new URL(URL_TEXT),
    http.post(URL_TEXT, { json: 1 }),
    new Request(URL_TEXT, { method: 'PUT', body: 'text' }),
  ])
  const rows = await prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
  expect(rows.map(({ id, method }) => [id, method])).toEqual(
    ids.map((id, index) => [id, ['GET', 'GET', 'POST', 'PUT'][index]]).toSorted(),
  )
})

test('spawning many writes none when one of them is refused, and names that one', async () => {
  const { prisma } = database
  const spawning = createRequeuest(prisma).spawnMany('billing', [URL_TEXT, URL_TEXT, { url: URL_TEXT, method: '' }])
  await expect(spawning).rejects.toMatchObject({ code: 'invalid_input', field: 'requests[2].method' })
  expect(await prisma.httpRequest.count()).toBe(0)
})

test('spawning many writes none when the database refuses one of them', async () => {
  const { prisma } = database
  await prisma.$executeRaw`ALTER TABLE requeuest_request ADD CONSTRAINT test_check CHECK (url NOT LIKE '%/refuse')`
  try {
    const spawning = createRequeuest(prisma).spawnMany('billing', [URL_TEXT, `${URL_TEXT}refuse`])
    await expect(spawning).rejects.toMatchObject({
      code: 'database_error',
      message: expect.stringContaining('test_check'),
    })
    expect(await prisma.httpRequest.count()).toBe(0)
  } finally {
    await prisma.$executeRaw`ALTER TABLE requeuest_request DROP CONSTRAINT test_check`
  }
})

test('spawning many of nothing does nothing, and needs no database for that', async () => {
  const requeuest = createRequeuest(connect('postgresql://nobody@127.0.0.1:1/nowhere'))
  expect(await requeuest.spawnMany('billing', [])).toEqual([])
})

const id = '019ab000-0000-7000-8000-00000000000a'

test('a spawn with an id that exists already changes nothing', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  expect(await requeuest.spawn('billing', http.post(URL_TEXT, { body: 'first' }), { id })).toBe(id)
  const first = await prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  const options = { id: id.toUpperCase(), priority: 0, order: 'channel' } as const
  expect(await requeuest.spawn('other', 'http://elsewhere/', options)).toBe(id)
  expect(await prisma.httpRequest.findMany()).toEqual([first])
  expect(await prisma.httpLine.count()).toBe(0)
})

test('a spawn with an id that is spawned by many at once is there once', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const ids = await Promise.all(Array.from({ length: 20 }, () => requeuest.spawn('billing', URL_TEXT, { id })))
  expect(new Set(ids)).toEqual(new Set([id]))
  expect(await prisma.httpRequest.count()).toBe(1)
})

test('a spawn with an id is not brought back to life when it is final', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  await requeuest.spawn('billing', URL_TEXT, { id })
  expect(await requeuest.clear({ channel: 'billing' })).toBe(1)
  await requeuest.spawn('billing', URL_TEXT, { id })
  expect(await requeuest.find(id)).toMatchObject({ state: 'cancelled' })
})

test('a spawn with an id of its own is a UUID v7, so that ids sort by their time', async () => {
  const requeuest = createRequeuest(database.prisma)
  const ids: string[] = []
  for (let i = 0; i < 5; i++) ids.push(await requeuest.spawn('billing', URL_TEXT))
  for (const each of ids) expect(each).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  expect(ids.toSorted()).toEqual(ids)
})
