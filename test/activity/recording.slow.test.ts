import { expect, test, vi } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('a running worker adds what it has counted every few seconds', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  await requeuest.spawnReturning('a', receiver.url)
  const isCounted = async () => expect((await requeuest.inspect.activity({ by: 'channel' })).series).toHaveLength(1)
  await vi.waitFor(isCounted, { timeout: 15_000 })
}, 20_000)
