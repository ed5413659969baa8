import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('an unreachable host with 10 000 queued requests holds up nobody else, and gets a few attempts at a time', async () => {
  let isDead = true
  let open = 0
  let most = 0
  const host = await receiverOf(async () => {
    most = Math.max(most, ++open)
    if (isDead) return { how: 'hang' }
    // Long enough for others to arrive meanwhile.
    await sleep(20)
    open--
    return {}
  })
  const healthy = await receiverOf()
  // The breaker would leave it alone before long.
  const requeuest = createRequeuest(database.prisma, { breaker: false })
  await database.prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, timeout_ms)
    SELECT gen_random_uuid(), 'a', ${`${host.url}/`}, 500 FROM generate_series(1, 10000)`
  requeuest.on('attempt', ({ outcome }) => {
    if (outcome === 'timeout') open--
  })
  await requeuest.start({ channels: ['a'], concurrency: 20, concurrencyPerOrigin: 10 })

  // Without the limit each of these would wait until the slots are done with the 10 000.
  for (let count = 0; count < 50; count++) await requeuest.spawnReturning('a', healthy.url)
  // When ten were in vain at the same time, the next one may arrive before they are written off.
  expect(most).toBeLessThanOrEqual(11)

  const seen = host.requests.length + 1
  await host.waitForRequests(seen)
  most = 0
  await host.waitForRequests(seen + 3)
  // The one before may not be written off yet.
  expect(most).toBeLessThanOrEqual(2)

  isDead = false
  const silentFor = host.requests.length
  await host.waitForRequests(silentFor + 200)
  expect(most).toBeGreaterThan(5)
})

test('while one host is full, the others keep their order: priority, then time', async () => {
  const order: string[] = []
  const full = await receiverOf(() => ({ how: 'hang' }))
  const receiver = await receiverOf(({ url }) => {
    order.push(url)
    return {}
  })
  const requeuest = createRequeuest(database.prisma, { timeout: 10_000 })
  await requeuest.start({ channels: ['a'], concurrency: 2 })
  await requeuest.spawnMany('a', Array(5).fill(full.url))
  await full.waitForRequests(1)
  const ids = await database.prisma.$transaction(async (tx) => [
    ...(await requeuest.spawnMany('a', [`${receiver.url}/3`, `${receiver.url}/4`], { tx })),
    ...(await requeuest.spawnMany('a', [`${receiver.url}/1`, `${receiver.url}/2`], { tx, priority: 0 })),
  ])
  await Promise.all(ids.map((id) => requeuest.waitFor(id)))
  expect(order).toEqual(['/1', '/2', '/3', '/4'])
})
