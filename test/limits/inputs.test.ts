import { expect, test } from 'vitest'
import type { InvalidInputError } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const channel = { channel: 'a' }

test.each<[string, unknown, string, string]>([
  ['nothing', undefined, 'target', 'got nothing'],
  ['a channel alone', 'billing', 'target', '{ channel } or { origin }'],
  ['an unknown key', { chanel: 'a' }, 'target.chanel', 'did you mean `channel`'],
  ['neither', {}, 'target.origin', 'got nothing'],
  ['both', { channel: 'a', origin: 'http://a.test' }, 'target.origin', 'omitted when `channel` is given'],
  ['an empty channel', { channel: '' }, 'target.channel', '1 to 200'],
  ['a channel that is too long', { channel: 'x'.repeat(201) }, 'target.channel', '1 to 200'],
  ['a host alone', { origin: 'api.example.com' }, 'target.origin', 'https://api.example.com'],
  ['another scheme', { origin: 'ftp://api.example.com' }, 'target.origin', 'http or https'],
  ['an origin that is too long', { origin: `http://${'x.'.repeat(200)}` }, 'target.origin', 'http or https'],
])('%s is refused as a target', async (_, target, field, message) => {
  const requeuest = createRequeuest(database.prisma)
  for (const call of [
    () => requeuest.pause(target as never),
    () => requeuest.resume(target as never),
    () => requeuest.setLimits(target as never, { concurrency: 1 }),
  ]) {
    const error = await call().catch((thrown: InvalidInputError) => thrown)
    expect(error).toMatchObject({ code: 'invalid_input', field, message: expect.stringContaining(message) })
  }
  await expectNothing()
})

test.each<[string, unknown, string, string]>([
  ['nothing', undefined, 'limits', 'got nothing'],
  ['no limit', {}, 'limits', 'at least one'],
  ['an unknown key', { concurency: 5 }, 'limits.concurency', 'did you mean `concurrency`'],
  ['no slot', { concurrency: 0 }, 'limits.concurrency', 'from 1 to 1000000'],
  ['half a slot', { concurrency: 1.5 }, 'limits.concurrency', 'got 1.5'],
  ['a rate alone', { rate: 100 }, 'limits.rate', "{ limit: 100, interval: '1s' }"],
  ['a rate without a number', { rate: {} }, 'limits.rate.limit', 'got nothing'],
  ['a rate of nothing', { rate: { limit: 0 } }, 'limits.rate.limit', 'from 1 to 1000000'],
  ['an interval of nothing', { rate: { limit: 1, interval: 0 } }, 'limits.rate.interval', 'from 1 ms to 1 day'],
  ['another unit', { rate: { limit: 1, intervalMs: 1 } }, 'limits.rate.intervalMs', 'did you mean `interval`'],
  ['one good and one bad', { concurrency: 5, rate: { limit: '5' } }, 'limits.rate.limit', 'got "5"'],
])('%s is refused as limits', async (_, limits, field, message) => {
  const requeuest = createRequeuest(database.prisma)
  const error = await requeuest.setLimits(channel, limits as never).catch((thrown: InvalidInputError) => thrown)
  expect(error).toMatchObject({ code: 'invalid_input', field, message: expect.stringContaining(message) })
  await expectNothing()
})

test.each<[unknown, string]>([
  [null, 'options'],
  [{ transaction: 1 }, 'options.transaction'],
  [{ tx: {} }, 'options.tx'],
])('options of %j are refused', async (options, field) => {
  const requeuest = createRequeuest(database.prisma)
  for (const call of [
    () => requeuest.pause(channel, options as never),
    () => requeuest.resume(channel, options as never),
    () => requeuest.setLimits(channel, { concurrency: 1 }, options as never),
  ]) {
    expect(await call().catch((thrown: InvalidInputError) => thrown)).toMatchObject({ code: 'invalid_input', field })
  }
  await expectNothing()
})

async function expectNothing(): Promise<void> {
  expect(await database.prisma.httpLimit.count()).toBe(0)
}
