import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

const url = 'http://a.test/'

test('calls that overlap in one transaction lose nothing of each other, nor of what the caller writes between them', async () => {
  const requeuest = createRequeuest(prisma)
  await requeuest.spawn('a', url, { dedupe: { key: 'taken' } })
  await prisma.$transaction(async (tx) => {
    await Promise.all([
      requeuest.spawn('a', url, { tx, dedupe: { key: 'taken' } }),
      tx.httpRequest.create({ data: { channel: 'own', url } }),
      requeuest.spawn('a', url, { tx, dedupe: { key: 'new' } }),
      requeuest.spawn('a', url, { tx, dedupe: { key: 'taken', onDuplicate: 'replace' } }),
      tx.httpRequest.create({ data: { channel: 'own', url } }),
      requeuest.spawn('a', url, { tx, dedupe: { key: 'taken', onDuplicate: 'error' } }).catch(() => 'refused'),
      tx.httpRequest.create({ data: { channel: 'own', url } }),
      requeuest.spawnMany('a', [url, url], { tx, order: 'channel' }),
      requeuest.cancel({ channel: 'none' }, { tx }),
    ])
  })
  expect(await prisma.httpRequest.count({ where: { channel: 'own' } })).toBe(3)
  expect(await prisma.httpRequest.count({ where: { channel: 'a' } })).toBe(4)
})

test('calls that overlap in one transaction happen in the order in which they are called', async () => {
  const requeuest = createRequeuest(prisma)
  const ids = await prisma.$transaction((tx) =>
    Promise.all(Array.from({ length: 20 }, () => requeuest.spawn('a', url, { tx, order: 'channel' }))),
  )
  const rows = await prisma.httpRequest.findMany({ orderBy: { orderSeq: 'asc' } })
  expect(rows.map(({ id }) => id)).toEqual(ids)
})

test('calls that overlap in one transaction that are refused leave the transaction as it was', async () => {
  const requeuest = createRequeuest(prisma)
  await requeuest.spawn('a', url, { dedupe: { key: 'taken' } })
  await prisma.$transaction(async (tx) => {
    const item = (dedupeKey: string) => ({ request: url, options: { dedupe: { key: dedupeKey } } })
    const spawning = requeuest.spawnMany('a', [item('one'), item('taken'), item('two')], {
      tx,
      dedupe: { onDuplicate: 'error' },
    })
    await expect(spawning).rejects.toMatchObject({ code: 'duplicate_request' })
    expect(await tx.httpRequest.count()).toBe(1)
    await requeuest.spawn('a', url, { tx, dedupe: { key: 'one' } })
  })
  expect(await prisma.httpRequest.count()).toBe(2)
})

test('calls that overlap in one transaction wait for a key that another transaction is about to take, and keep theirs', async () => {
  const requeuest = createRequeuest(prisma)
  let spawning: Promise<string> | undefined
  const first = await prisma.$transaction(async (tx) => {
    const id = await requeuest.spawn('a', url, { tx, dedupe: { key: 'one' } })
    spawning = prisma.$transaction(async (other) => {
      await other.httpRequest.create({ data: { channel: 'own', url } })
      return requeuest.spawn('a', url, { tx: other, dedupe: { key: 'one' } })
    })
    const waits = () => prisma.$queryRaw<[]>`SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'`
    await expect.poll(async () => (await waits()).length).toBeGreaterThan(0)
    return id
  })
  expect(await spawning).toBe(first)
  expect(await prisma.httpRequest.count({ where: { channel: 'own' } })).toBe(1)
})
