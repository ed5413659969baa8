import { setImmediate } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import type { Requeuest, SpawnOptions } from '../../src/index.ts'
import { type Call, wrapClient } from '../faults/wrapped-client.ts'
import { createRequeuest, freshDatabase, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const URL_TEXT = 'http://example.com/'

/** An instance that tells, the calls to the database that it has begun, and what is heard elsewhere. */
async function telling(run: (call: Call) => Promise<unknown> = (call) => call.run()) {
  const calls: string[] = []
  const prisma = wrapClient(database.prisma, (call) => {
    calls.push(call.name)
    return run(call)
  })
  const requeuest = createRequeuest(prisma as PrismaClient)
  await requeuest.schedules()
  calls.length = 0
  const heard: string[] = []
  const ear = new pg.Client(database.url)
  onTestFinished(() => ear.end())
  ear.on('notification', ({ payload }) => heard.push(payload ?? ''))
  await ear.connect()
  await ear.query('LISTEN requeuest')
  const hears = (channels: string[]) => vi.waitFor(() => expect(heard).toEqual(channels), { timeout: 5000 })
  return { requeuest, calls, hears }
}

test('one that is spawned alone is told of in the statement that writes it', async () => {
  const { requeuest, calls, hears } = await telling()
  await requeuest.spawn('a "quoted" channel', URL_TEXT)
  await hears(['a "quoted" channel'])
  await requeuest.spawn('b', { render: 'name', args: {} }, { priority: 3 })
  await hears(['a "quoted" channel', 'b'])
  expect(calls).toEqual(['insertRequest', 'insertRequest'])
})

test.each<[string, SpawnOptions]>([
  ['due later', { delay: 60_000 }],
  ['due at a time', { runAt: new Date(Date.now() + 60_000) }],
  ['in a line', { order: { key: 'x' } }],
  ['with a key', { dedupe: { key: 'x' } }],
  ['with an id of its own', { id: '018f2b5e-0000-7000-8000-000000000001' }],
])('what is not plainly due now is told of after it is written: %s', async (_, options) => {
  const { requeuest, calls, hears } = await telling()
  await requeuest.spawn('a', URL_TEXT, options)
  await hears(['a'])
  expect(calls.at(-1)).toBe('notifyChannels')
})

test('behind one that is stuck, those that come are written and told of together', async () => {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const { requeuest, calls, hears } = await telling(async (call) => {
    if (call.name === 'insertRequest' && call.nth === 1) await released
    return call.run()
  })
  const first = requeuest.spawn('first', URL_TEXT)
  await vi.waitFor(() => expect(calls).toEqual(['insertRequest']))
  await requeuest.spawn('second', URL_TEXT)
  await hears(['second'])
  expect(calls).toEqual(['insertRequest', 'insertRequest', 'notifyChannels'])
  release()
  await first
  await hears(['second', 'first'])
  expect(calls).toHaveLength(3)
})

test('many of one turn are told of in the statement that writes them', async () => {
  const { requeuest, calls, hears } = await telling()
  await Promise.all(['a', 'b', 'a'].map((channel) => requeuest.spawn(channel, URL_TEXT)))
  await hears(['a', 'b'])
  expect(calls).toEqual(['insertRequests'])
})

test('what comes while others are being told of goes together and is told of next', async () => {
  const { requeuest, calls, hears } = await telling()
  // However slow the machine is, the first one is not taken for stuck.
  vi.useFakeTimers({ toFake: ['setTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const first = requeuest.spawn('first', URL_TEXT)
  await setImmediate()
  await Promise.all([first, requeuest.spawn('a', URL_TEXT), requeuest.spawn('b', URL_TEXT)])
  vi.useRealTimers()
  await hears(['first', 'a', 'b'])
  expect(calls).toEqual(['insertRequest', 'insertRequests'])
})

test('a transaction of the caller tells nobody', async () => {
  const { requeuest, calls, hears } = await telling()
  await database.prisma.$transaction((tx) => requeuest.spawn('in-tx', URL_TEXT, { tx }))
  await requeuest.spawn('after', URL_TEXT)
  await hears(['after'])
  expect(calls).toEqual(['insertRequest'])
})

test('what cannot be told of is spawned all the same, once, and said', async () => {
  const url = await freshDatabase()
  const role = `mute_${process.pid}`
  const admin = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  for (const sql of [
    `CREATE ROLE ${role} LOGIN PASSWORD 'secret'`,
    `GRANT ALL ON ALL TABLES IN SCHEMA public TO ${role}`,
    'REVOKE EXECUTE ON FUNCTION pg_notify(text, text) FROM PUBLIC',
  ])
    await admin.$executeRawUnsafe(sql)
  const place = new URL(url)
  Object.assign(place, { username: role, password: 'secret' })
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: String(place) }) })
  onTestFinished(async () => {
    await prisma.$disconnect()
    await admin.$executeRawUnsafe(`DROP OWNED BY ${role}`)
    await admin.$executeRawUnsafe(`DROP ROLE ${role}`)
    await admin.$disconnect()
  })
  const requeuest = createRequeuest(prisma, { notify: true })
  const said: string[] = []
  requeuest.on('error', (error) => said.push(error.message)).on('warning', ({ message }) => said.push(message))
  const id = await requeuest.spawn('a', URL_TEXT).catch(() => null)
  expect(await admin.httpRequest.findMany({ select: { id: true } })).toEqual([{ id }])
  await requeuest.spawnMany('a', [URL_TEXT])
  expect(said).toEqual([
    expect.stringMatching(/^Workers in other processes are not notified.*pg_notify.*notify: false/),
  ])
})

test.each<[string, (requeuest: Requeuest) => Promise<unknown>]>([
  ['many in one call', (requeuest) => requeuest.spawnMany('a', [URL_TEXT, URL_TEXT])],
  ['one in a line', (requeuest) => requeuest.spawn('a', URL_TEXT, { order: { key: 'x' } })],
  ['one with a key', (requeuest) => requeuest.spawn('a', URL_TEXT, { dedupe: { key: 'x' } })],
  ['many calls at once', (requeuest) => Promise.all(Array.from({ length: 9 }, () => requeuest.spawn('a', URL_TEXT)))],
  [
    'calls that overlap',
    async (requeuest) => {
      const first = requeuest.spawn('a', URL_TEXT)
      await setImmediate()
      await Promise.all([first, requeuest.spawn('a', URL_TEXT), requeuest.spawn('b', URL_TEXT)])
    },
  ],
  [
    'a new time',
    async (requeuest) => {
      const id = await requeuest.spawn('a', URL_TEXT, { delay: 60_000 })
      await requeuest.reschedule(id, new Date())
    },
  ],
  [
    'a redrive',
    async (requeuest) => {
      await requeuest.spawn('a', URL_TEXT, { delay: 60_000 })
      await requeuest.clear({ channel: 'a' })
      await requeuest.redrive({ channel: 'a' })
    },
  ],
])('when a call resolves, others have been told: who disconnects then is not connected again (%s)', async (_, act) => {
  let underWay = 0
  const { requeuest, calls } = await telling(async (call) => {
    underWay++
    try {
      return await call.run()
    } finally {
      underWay--
    }
  })
  await act(requeuest)
  expect(underWay).toBe(0)
  expect(calls.length).toBeGreaterThan(0)
  const { length } = calls
  await setImmediate()
  expect(calls).toHaveLength(length)
})
