import { expect, test } from 'vitest'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** Each leads to 127.0.0.1, which is paused, and none is written as the origin of that is. */
const spellings = (port: number) => [
  `http://127.1:${port}/`,
  `HTTP://127.0.0.1:${port}/`,
  `http://2130706433:${port}/`,
  `http://0x7f.1:${port}/`,
  `http://127.0.0.1:0${port}/`,
  `http:\\\\127.0.0.1:${port}\\x`,
  `http://user@127.0.0.1:${port}/`,
]

test('a pause, a limit and a breaker hold for rows of one’s own, however their URL is spelled', async () => {
  const { prisma } = database
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  await requeuest.pause({ origin: receiver.url })
  await requeuest.start({ channels: ['a'] })
  const urls = spellings(receiver.port)
  const rows = await prisma.httpRequest.createManyAndReturn({ data: urls.map((url) => ({ channel: 'a', url })) })
  const copy = { ...rows[0]!, id: undefined, origin: 'http://elsewhere.test', url: urls[1]! }
  await prisma.httpRequest.create({ data: { channel: copy.channel, url: copy.url, origin: copy.origin } })
  const origins = async () => (await prisma.httpRequest.findMany()).map(({ origin }) => origin)
  await expect.poll(origins).toEqual(Array(urls.length + 1).fill(receiver.url))
  expect(receiver.requests).toEqual([])
  expect(await prisma.httpAttempt.count()).toBe(0)
  expect(await prisma.httpRequest.count({ where: { attemptCount: { gt: 0 } } })).toBe(0)

  await requeuest.setLimits({ origin: receiver.url }, { concurrency: 1 })
  await requeuest.resume({ origin: receiver.url })
  const ended = () => prisma.httpRequest.count({ where: { state: { in: ['delivered', 'failed'] } } })
  await expect.poll(ended, { timeout: 10_000 }).toBe(urls.length + 1)
  // Which of them can be sent is not for the pause to say.
  const failed = await prisma.httpRequest.findMany({ where: { state: 'failed' } })
  expect(new Set(failed.map(({ failureCode }) => failureCode))).toEqual(new Set(['invalid_request']))
  expect(receiver.requests).toHaveLength(urls.length + 1 - failed.length)
})
