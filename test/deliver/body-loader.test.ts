import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { BodyLoader } from '../../src/deliver/body-loader.ts'
import { http } from '../../src/index.ts'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** Sizes around those from which a body is read on its own, and from which a statement reads no further one. */
const SIZES = [0, 1, 16_383, 16_384, 16_385, 100_000, 524_288, 524_289, 1_000_000]

test.each([
  ['as they are', {}],
  ['encrypted', { encryption: { keys: { k1: randomBytes(32) }, current: 'k1' } }],
])('bodies of every size arrive byte for byte, and so do the responses: %s', async (_, options) => {
  const receiver = await receiverOf(({ body }) => ({ body }))
  const requeuest = createRequeuest(database.prisma, { ...options, maxResponseBytes: 1_000_000 })
  const bodies = SIZES.map((size) => randomBytes(size))
  const ids = await requeuest.spawnMany(
    'a',
    bodies.map((body) => http.post(receiver.url, { body })),
  )
  await requeuest.start({ channels: ['a'] })
  for (const [index, id] of ids.entries()) {
    const response = await requeuest.waitFor(id)
    expect(Buffer.from(response.body ?? []).equals(bodies[index]!)).toBe(true)
  }
  expect(receiver.requests).toHaveLength(SIZES.length)
})

test('a request whose body cannot be read is given back with its attempt unspent, and sent later', async () => {
  const receiver = await receiverOf()
  const client = wrapClient(database.prisma, ({ name, nth, run }) =>
    name === 'selectContents' && nth === 1 ? Promise.reject(new Error('the database is away')) : run(),
  )
  const requeuest = createRequeuest(client as typeof database.prisma)
  const reported = nextEvent<Error>(requeuest as never, 'error')
  const body = randomBytes(20_000)
  const [id] = await requeuest.spawnMany('a', [http.post(receiver.url, { body })])
  await requeuest.start({ channels: ['a'] })
  expect((await reported).message).toContain('the database is away')
  await requeuest.waitFor(id!)
  expect(receiver.requests[0]!.body.equals(body)).toBe(true)
  expect(await database.prisma.httpAttempt.count({ where: { requestId: id! } })).toBe(1)
})

test('a request that is deleted before its body is read is not sent', async () => {
  const receiver = await receiverOf()
  const client = wrapClient(database.prisma, async ({ name, nth, run }) => {
    if (name === 'selectContents' && nth === 1)
      await database.prisma.httpRequest.deleteMany({ where: { channel: 'a' } })
    return run()
  })
  const requeuest = createRequeuest(client as typeof database.prisma)
  await requeuest.spawnMany('a', [http.post(receiver.url, { body: randomBytes(20_000) })])
  await requeuest.start({ channels: ['a', 'b'], concurrency: 1 })
  await requeuest.spawnReturning('b', receiver.url)
  expect(receiver.requests.map((request) => request.method)).toEqual(['GET'])
})

test('a body that was encrypted with another key since it was claimed is sent all the same', async () => {
  const receiver = await receiverOf()
  const keys = { k1: randomBytes(32), k2: randomBytes(32) }
  const body = randomBytes(20_000)
  const old = createRequeuest(database.prisma, { encryption: { keys, current: 'k1' } })
  const [id] = await old.spawnMany('a', [http.post(receiver.url, { body })])
  const client = wrapClient(database.prisma, async ({ name, nth, run }) => {
    if (name === 'selectContents' && nth === 1) {
      const other = createRequeuest(database.prisma, { encryption: { keys, current: 'k2' } })
      await other.spawnMany('b', [http.post(receiver.url, { body })])
      await other.start({ channels: ['nothing'] })
      await expect
        .poll(() => database.prisma.httpRequest.count({ where: { encryptionKey: 'k1' } }), { timeout: 10_000 })
        .toBe(0)
    }
    return run()
  })
  const requeuest = createRequeuest(client as typeof database.prisma, { encryption: { keys, current: 'k1' } })
  await requeuest.start({ channels: ['a'] })
  await requeuest.waitFor(id!)
  expect(receiver.requests[0]!.body.equals(body)).toBe(true)
})

test('bodies that are held fill no more than a part of the memory, and large ones leave some for small ones', () => {
  const bodies = new BodyLoader(database.prisma)
  const claimOf = (unreadBytes: number) => ({ unreadBytes }) as ClaimedRequest
  const large = claimOf(100_000_000)
  const small = claimOf(20_000)
  expect(bodies.hold(large)).toBe(true)
  expect(bodies.hold(large)).toBe(false)
  for (let count = 0; count < 1000; count++) expect(bodies.hold(small)).toBe(true)
  bodies.drop(large)
  expect(bodies.hold(large)).toBe(true)
})
