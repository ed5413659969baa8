import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { claim, unblockAllLines } from '../support/factory.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'
import { type OpenTransaction, openTransaction } from './database.ts'

const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

async function createLine(more: { afterFailure?: 'hold' } = {}): Promise<string[]> {
  const rows = []
  for (let place = 1; place <= 3; place++) {
    const data = { channel: 'test', url: 'http://example.com/', orderKey: 'x', ...more }
    rows.push(await prisma.httpRequest.create({ data }))
  }
  return rows.map((row) => row.id)
}

const lock = (id: string) =>
  openTransaction(prisma, (tx) => tx.$queryRaw`SELECT 1 FROM requeuest_request WHERE id = ${id}::uuid FOR UPDATE`)

/** Ends a transaction when the work waits for it or is over. */
async function endWhenAwaited<T>(work: PromiseLike<T>, transaction: OpenTransaction): Promise<T> {
  let over = false
  const done = Promise.resolve(work).finally(() => {
    over = true
  })
  for (let waiting = 0; waiting === 0 && !over; ) {
    const rows = await prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
    waiting = rows.length
  }
  await transaction.end(true)
  return done
}

test('goes on when its head is deleted while somebody holds the next one', async () => {
  const [head, next] = await createLine()
  await endWhenAwaited(prisma.httpRequest.delete({ where: { id: head! } }), await lock(next!))
  expect((await claim(prisma)).map((one) => one.id)).toEqual([next])
})

test('goes on when it is released while somebody holds the next one', async () => {
  const [head, next] = await createLine({ afterFailure: 'hold' })
  await prisma.httpRequest.update({ where: { id: head! }, data: { state: 'failed' } })
  const locked = await lock(next!)
  const released = createRequeuest(prisma).release({ channel: 'test', key: 'x' })
  expect(await endWhenAwaited(released, locked)).toBe(true)
  expect((await claim(prisma)).map((one) => one.id)).toEqual([next])
})

test('passes over the next one when that is cancelled meanwhile', async () => {
  const [head, next, last] = await createLine()
  const cancelling = await openTransaction(
    prisma,
    (tx) => tx.$executeRaw`UPDATE requeuest_request SET state = 'cancelled' WHERE id = ${next!}::uuid`,
  )
  await endWhenAwaited(prisma.httpRequest.delete({ where: { id: head! } }), cancelling)
  expect((await claim(prisma)).map((one) => one.id)).toEqual([last])
})

test('is forgotten when it has ended before a failed head could hold it', async () => {
  const [head, ...others] = await createLine({ afterFailure: 'hold' })
  const { count } = await prisma.httpRequest.updateMany({
    where: { id: head! },
    // A lost worker may still be sending.
    data: { state: 'failed', leaseUntil: new Date(Date.now() + 60_000) },
  })
  expect(count).toBe(1)
  await prisma.$queryRaw`SELECT requeuest_unblock_next('test', 'x', 0, true)`
  for (const id of others) await prisma.httpRequest.update({ where: { id }, data: { state: 'delivered' } })
  expect(await prisma.httpLine.count()).toBe(0)
  await prisma.httpRequest.update({ where: { id: head! }, data: { leaseUntil: null } })
  expect(await prisma.httpRequest.count({ where: { unblockDue: true } })).toBe(1)
  await unblockAllLines(prisma, 10)
  expect(await prisma.httpRequest.count({ where: { unblockDue: true } })).toBe(0)
})

test('goes on when the failed head that holds it was moved away and back before it is sent again', async () => {
  const [head, next] = await createLine({ afterFailure: 'hold' })
  const edit = (data: object) => prisma.httpRequest.update({ where: { id: head! }, data })
  await edit({ state: 'failed' })
  await edit({ orderKey: 'y' })
  await edit({ orderKey: 'x' })
  await createRequeuest(prisma).redrive(head!)
  expect((await claim(prisma)).map((one) => one.id)).toEqual([head])
  await edit({ state: 'delivered', leaseUntil: null })
  expect((await claim(prisma)).map((one) => one.id)).toEqual([next])
})
