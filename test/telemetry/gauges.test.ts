import { expect, test, vi } from 'vitest'
import type { Requeuest } from '../../src/index.ts'
import { contextOf } from '../../src/instance/controls.ts'
import { prometheus } from '../../src/prometheus/index.ts'
import { Gauges } from '../../src/telemetry/gauges.ts'
import { LabelValues, OTHER } from '../../src/telemetry/label-values.ts'
import { connect, createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

const values = () => new LabelValues(undefined)

test('whoever asks gets the one measurement that is made, over a pool of one connection as well', async () => {
  const requeuest = createRequeuest(connect(database.url, { max: 1 }))
  await requeuest.spawn('a', 'http://127.0.0.1:9/')
  let reads = 0
  const inspect = new Proxy(requeuest.inspect, {
    get(target, name) {
      if (name === 'channels') reads++
      const method = target[name as 'channels']
      return method.bind(target)
    },
  })
  const gauges = new Gauges(contextOf(requeuest), inspect, values(), true)
  const all = await Promise.all([gauges.read(), gauges.read(), gauges.read()])
  expect(reads).toBe(1)
  await gauges.read()
  expect(reads).toBe(1)
  const due = { name: 'requeuest.queue.requests', labels: { channel: 'a', state: 'due' }, value: 1 }
  for (const samples of all) expect(samples).toContainEqual(due)
})

test('a database that does not answer is an error of the instance, and leaves the gauges of the process', async () => {
  const requeuest = createRequeuest(database.prisma)
  const errors: string[] = []
  requeuest.on('error', ({ code }) => errors.push(code))
  const broken = { channels: () => Promise.reject(new Error('gone')) }
  const gauges = new Gauges(contextOf(requeuest), broken as never, values(), true)
  await requeuest.start({ channels: 'all', concurrency: 3 })
  expect(await gauges.read()).toEqual([
    { name: 'requeuest.worker.slots', labels: { state: 'busy' }, value: 0 },
    { name: 'requeuest.worker.slots', labels: { state: 'free' }, value: 3 },
  ])
  expect(errors).toEqual(['database_error'])
})

test('a process without a worker tells the depth only if it is told to', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('a', 'http://127.0.0.1:9/')
  const told = async (depth: boolean | 'auto') =>
    (await new Gauges(contextOf(requeuest), requeuest.inspect, values(), depth).read()).length > 0
  expect([await told('auto'), await told(false), await told(true)]).toEqual([false, false, true])
})

test('of all live workers that measure the one that started first tells the depth', async () => {
  const [plain, first, second] = [
    createRequeuest(database.prisma),
    createRequeuest(database.prisma),
    createRequeuest(database.prisma),
  ]
  for (const [index, requeuest] of [plain, first, second].entries()) {
    // One that measures nothing was there before.
    if (requeuest !== plain) prometheus(requeuest)
    await requeuest.start({ channels: ['b'] })
    await vi.waitFor(async () => expect(await plain.inspect.workers()).toHaveLength(index + 1))
  }
  await plain.spawn('a', 'http://127.0.0.1:9/')
  const tells = async (requeuest: Requeuest) => {
    const samples = await new Gauges(contextOf(requeuest), requeuest.inspect, values(), 'auto').read()
    return samples.some(({ name }) => name === 'requeuest.queue.requests')
  }
  expect([await tells(plain), await tells(first), await tells(second)]).toEqual([false, true, false])
  await first.stop()
  expect([await tells(plain), await tells(first), await tells(second)]).toEqual([false, false, true])
  // As if it had died.
  await database.prisma.httpWorker.updateMany({ data: { lastSeenAt: new Date(Date.now() - 60_000) } })
  expect(await tells(second)).toBe(false)
})

test('there is a bounded number of channels, and all others are one', () => {
  const bounded = values()
  const names = Array.from({ length: 300 }, (_, index) => bounded.channel(`channel ${index}`))
  expect(new Set(names).size).toBe(201)
  expect(names.at(-1)).toBe(OTHER)
  expect(bounded.channel('channel 7')).toBe('channel 7')
})
