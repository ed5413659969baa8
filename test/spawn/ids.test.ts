import { describe, expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** What Postgres' `uuid` holds; RFC 9562 knows only the last. */
const IDS = [
  '00000000-0000-0000-0000-000000000000',
  '00000000-0000-0000-0000-000000000001',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
  '019ac000-0000-0000-0000-000000000000',
  '019ac000-0000-9000-c000-000000000000',
  '019ac000-0000-f000-0000-0000000000ab',
  '019ac000-0000-7000-8000-000000000000',
]

describe.each(IDS)('a request whose id is %s', (id) => {
  test('is found, cancelled and redriven, in any case of its letters', async () => {
    const requeuest = createRequeuest(database.prisma)
    const other = await requeuest.spawn('a', 'http://a.test/')
    await database.prisma.httpRequest.create({ data: { id, channel: 'a', url: 'http://a.test/' } })
    for (const spelled of [id, id.toUpperCase()]) {
      expect(await requeuest.find(spelled)).toMatchObject({ id, state: 'pending' })
      expect(await requeuest.cancel(spelled)).toEqual({ matched: 1, cancelled: 1, inFlight: [] })
      await expect(requeuest.waitFor(spelled)).rejects.toMatchObject({ code: 'request_cancelled', requestId: id })
      expect(await requeuest.redrive({ id: { in: [spelled] } })).toEqual({ matched: 1, redriven: 1 })
      expect(await requeuest.reschedule(spelled, new Date())).toEqual({ changed: true, state: 'pending' })
      expect(await requeuest.retarget(spelled, { url: 'http://b.test/' })).toEqual({ changed: true, state: 'pending' })
    }
    expect(await requeuest.cancel({ channel: 'a' })).toEqual({ matched: 2, cancelled: 2, inFlight: [] })
    expect(await requeuest.find(other)).toMatchObject({ state: 'cancelled' })
  })

  test('is spawned, sent and waited for', async () => {
    const receiver = await receiverOf()
    const requeuest = createRequeuest(database.prisma)
    await requeuest.start({ channels: ['a'] })
    expect(await requeuest.spawn('a', receiver.url, { id: id.toUpperCase() })).toBe(id)
    expect(await requeuest.waitFor(id)).toMatchObject({ status: 200 })
    expect(receiver.requests[0]?.headers['idempotency-key']).toBe(id)
  })

  test('is brought to the present key', async () => {
    const keys = { old: Buffer.alloc(32, 1), new: Buffer.alloc(32, 2) }
    await createRequeuest(database.prisma, { encryption: { keys, current: 'old' } }).spawn('a', 'http://a.test/', {
      id,
    })
    const requeuest = createRequeuest(database.prisma, { encryption: { keys, current: 'new' } })
    await requeuest.start({ channels: ['b'] })
    const keyOf = () =>
      database.prisma.httpRequest.findUniqueOrThrow({ where: { id }, select: { encryptionKey: true } })
    await expect.poll(keyOf, { timeout: 10_000 }).toEqual({ encryptionKey: 'new' })
  })
})
