import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

test('what is urgent is sent first, also of what is claimed at once, and held up by nothing that is not due', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const priorities = [9, 7, 5, 3, 1, 8, 6, 4, 2, 0]
  await requeuest.spawnMany(
    'a',
    Array.from({ length: 60 }, (_, index) => {
      const priority = priorities[index % 10] as number
      return { request: `${receiver.url}/${priority}`, options: { priority } }
    }),
  )
  await requeuest.spawn('a', `${receiver.url}/later`, { priority: 0, delay: 3_600_000 })
  await requeuest.start({ channels: ['a'], concurrency: 1 })
  const sent = (await receiver.waitForRequests(60)).map(({ url }) => Number(url.slice(1)))
  expect(sent).toEqual([...sent].sort())
})
