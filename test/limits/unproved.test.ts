import { expect, onTestFinished, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { startRawReceiver } from '../support/receiver.ts'

const database = useDatabase()
const network = { allow: ['127.0.0.0/8'] }

/** As many receivers as that, none of which ever answers. */
async function hangingHosts(
  count: number,
): Promise<{ urls: string[]; waitForConnections(count: number): Promise<void> }> {
  const receiver = await startRawReceiver(undefined, undefined, { host: '0.0.0.0' })
  onTestFinished(() => receiver.stop())
  const urls = Array.from(
    { length: count },
    (_, index) => `http://127.1.${index >> 8}.${index & 255}:${receiver.port}/`,
  )
  return { urls, waitForConnections: receiver.waitForConnections }
}

test('hosts that never answer, however many, do not take the slots of those that do', async () => {
  const hanging = await hangingHosts(400)
  const good = await receiverOf()
  const requeuest = createRequeuest(database.prisma, { network, timeout: 60_000 })
  await requeuest.start({ channels: ['a'], concurrency: 20 })
  await requeuest.spawnReturning('a', good.url)
  await requeuest.spawnMany('a', hanging.urls)
  await hanging.waitForConnections(15)
  // Both what is written as claimed and what is found in the queue.
  for (let count = 0; count < 5; count++) {
    await requeuest.spawnReturning('a', good.url)
    const [id] = await requeuest.spawnMany('a', [good.url])
    await requeuest.waitFor(id!, { timeout: 10_000 })
  }
  const claimed = await database.prisma.httpRequest.count({ where: { state: 'claimed' } })
  expect(claimed).toBeLessThanOrEqual(15)
})

test('what renderers send to hosts that never answer does not take the slots of others either', async () => {
  const hanging = await hangingHosts(100)
  const good = await receiverOf()
  const requeuest = createRequeuest(database.prisma, { network, timeout: 60_000 })
  requeuest.renderer<string>('tenant', ({ args }) => args)
  await requeuest.start({ channels: ['a'], concurrency: 20, concurrencyPerOrigin: 15 })
  await requeuest.spawnReturning('a', good.url)
  await requeuest.spawnMany(
    'a',
    hanging.urls.map((args) => ({ render: 'tenant', args })),
  )
  await hanging.waitForConnections(15)
  for (let count = 0; count < 5; count++) await requeuest.spawnReturning('a', good.url)
})

test('one host that has not answered yet may have as much as any other', async () => {
  const [hanging] = (await hangingHosts(1)).urls
  const other = await receiverOf()
  const requeuest = createRequeuest(database.prisma, { network, timeout: 60_000 })
  await requeuest.spawnMany('a', Array(20).fill(hanging))
  await requeuest.start({ channels: ['a'], concurrency: 8 })
  // Another that nobody has heard of yet has slots all the same.
  await requeuest.spawnReturning('a', other.url)
  const claimed = () => database.prisma.httpRequest.count({ where: { state: 'claimed' } })
  expect(await claimed()).toBe(4)
})
