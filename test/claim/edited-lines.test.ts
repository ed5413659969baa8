import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

const DATA = { channel: 'a', url: 'http://a.test/', origin: 'http://a.test' }
const waiting = async () => {
  const rows = await prisma.httpRequest.findMany({ orderBy: { createdAt: 'asc' } })
  return rows.map((row) => row.blocked)
}

/** Three of one line, in their order. */
async function line(orderKey = 'k'): Promise<[string, string, string]> {
  const ids: string[] = []
  for (let n = 0; n < 3; n++) ids.push((await prisma.httpRequest.create({ data: { ...DATA, orderKey } })).id)
  return ids as [string, string, string]
}

const edit = (id: string, data: object) => prisma.httpRequest.update({ where: { id }, data })

test('a request of a line that is edited by hand lets the next one go when it is the head and goes to another line', async () => {
  const [head] = await line()
  await edit(head, { orderKey: 'other' })
  expect(await waiting()).toEqual([false, false, true])
})

test('a request of a line that is edited by hand lets the next one go when it is the head and leaves the line, or the channel', async () => {
  const [first, second, third] = await line()
  await edit(first, { orderKey: null })
  expect(await waiting()).toEqual([false, false, true])
  await edit(second, { channel: 'b' })
  expect(await waiting()).toEqual([false, false, false])
  await edit(third, { orderKey: null, channel: 'b' })
  expect(await prisma.httpLine.findMany()).toMatchObject([{ channel: 'b', orderKey: 'k' }])
})

test('a request of a line that is edited by hand waits at the end of the line that it goes to', async () => {
  await line('k')
  const [, second] = await line('other')
  await edit(second, { orderKey: 'k' })
  expect(await prisma.httpRequest.findUnique({ where: { id: second } })).toMatchObject({
    blocked: true,
    orderSeq: 4n,
  })
})

test('a request of a line that is edited by hand waits no more when it leaves its line, and is sent', async () => {
  const receiver = await receiverOf(({ url }) => ({ status: url === '/bad' ? 500 : 200 }))
  const requeuest = createRequeuest(prisma, { retry: { backoff: { base: 60_000, jitter: 'none' } } })
  await requeuest.spawn('a', `${receiver.url}/bad`, { order: 'channel' })
  const id = await requeuest.spawn('a', receiver.url, { order: 'channel' })
  await requeuest.start({ channels: ['a'] })
  await receiver.waitForRequests(1)
  await edit(id, { orderKey: null })
  await requeuest.waitFor(id)
})

test('a request of a line that is edited by hand keeps its line while it is being sent', async () => {
  const [head] = await line()
  const stamps = { state: 'claimed', claimedBy: 'me', claimedAt: new Date(), leaseUntil: new Date() } as const
  await edit(head, stamps)
  await expect(edit(head, { orderKey: null })).rejects.toThrow('keeps its channel')
  await expect(edit(head, { state: 'failed', orderKey: 'x' })).rejects.toThrow('keeps its channel')
})

test('a request of a line that is edited by hand cannot be made to wait, or be given a place, by hand', async () => {
  const [head] = await line()
  const plain = await prisma.httpRequest.create({ data: DATA })
  await expect(edit(head, { blocked: true })).rejects.toThrow('maintained by the database')
  await expect(edit(head, { orderSeq: 9n })).rejects.toThrow('maintained by the database')
  await expect(edit(plain.id, { blocked: true })).rejects.toThrow('maintained by the database')
})

test('a request of a line that is edited by hand waits for nobody as a copy without a line, and behind all as a copy with one', async () => {
  const [, second] = await line()
  const { id: _, headers, onStatus: __, ...row } = await prisma.httpRequest.findUniqueOrThrow({ where: { id: second } })
  const copy = { ...row, headers: headers as [] }
  expect(await prisma.httpRequest.create({ data: { ...copy, orderKey: null } })).toMatchObject({ blocked: false })
  expect(await prisma.httpRequest.create({ data: copy })).toMatchObject({ blocked: true, orderSeq: 4n })
})

test('a request of a line that is edited by hand does not keep a worker busy when it is said to have the next one to unblock', async () => {
  const requeuest = createRequeuest(prisma)
  const { id } = await prisma.httpRequest.create({ data: { ...DATA, channel: 'idle' } })
  await edit(id, { unblockDue: true })
  await requeuest.start({ channels: ['other'] })
  await expect
    .poll(() => prisma.httpRequest.findUnique({ where: { id } }), { timeout: 8000 })
    .toMatchObject({ unblockDue: false })
})

test('the tail of a line that a hand has moved to the end of all numbers is refused', async () => {
  await line()
  const tail = 9_223_372_036_854_775_807n
  await expect(prisma.httpLine.updateMany({ data: { tail } })).rejects.toThrow('tail_check')
})
