import { expect, test } from 'vitest'
import type { RequeuestError } from '../../src/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const encryption = { keys: { here: Buffer.alloc(32, 1) }, current: 'here' }
const COUNT = 5000

/** As many requests as that which stand before all others, and say that they are encrypted with these keys. */
async function insertUnreadable(url: string, key: string): Promise<void> {
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, origin, encryption_key, headers, body, run_at)
    SELECT gen_random_uuid(), 'a', ${`${url}/`}, ${url}, replace(${key}, '#', number::text), '"AAAA"', 'x', now() - interval '1 hour'
    FROM generate_series(1, ${COUNT}::int) AS number`
}

test.each([
  ['whose key is missing', 'gone', 1],
  ['each of another key that is missing', 'gone-#', 101],
  ['that were changed', 'here', 1],
])(
  'thousands of requests %s hold up no readable one, and are told of seldom',
  { timeout: 60_000 },
  async (_, key, mostErrors) => {
    const receiver = await receiverOf()
    await insertUnreadable(receiver.url, key)
    const requeuest = createRequeuest(database.prisma, { encryption })
    const errors: RequeuestError[] = []
    requeuest.on('error', (error) => errors.push(error))
    const id = await requeuest.spawn('a', receiver.url)
    const fromMs = performance.now()
    await requeuest.start({ channels: ['a'] })
    await requeuest.waitFor(id)
    expect(performance.now() - fromMs).toBeLessThan(15_000)
    await requeuest.stop()
    expect(errors.length).toBeGreaterThan(0)
    expect(errors.length).toBeLessThanOrEqual(mostErrors)
    expect(await database.prisma.httpRequest.count({ where: { state: 'pending', attemptCount: 0 } })).toBe(COUNT)
    expect(await database.prisma.httpAttempt.count()).toBe(1)
  },
)

test('with one slot as well, those whose key is missing hold up nobody', async () => {
  const receiver = await receiverOf()
  await insertUnreadable(receiver.url, 'gone')
  const requeuest = createRequeuest(database.prisma, { encryption }).on('error', () => {})
  const id = await requeuest.spawn('a', receiver.url)
  await requeuest.start({ channels: ['a'], concurrency: 1 })
  await requeuest.waitFor(id)
  expect(await database.prisma.httpRequest.count({ where: { runAt: { gt: new Date() } } })).toBeLessThan(100)
})
