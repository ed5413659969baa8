import pg from 'pg'
import { expect, test, vi } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { PrismaClientLike, Requeuest, RequeuestOptions, SpawnOptions } from '../../src/index.ts'
import { runWith } from '../faults/faults.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import type { Receiver } from '../support/receiver.ts'

const database = useDatabase()
const row = (id: string) => database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })

function withResolvers() {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}

/** An instance whose worker has nothing to do, and a receiver that answers when it is let. */
async function idle(more: { options?: RequeuestOptions; prisma?: PrismaClientLike; concurrency?: number } = {}) {
  const { promise: answering, resolve: answer } = withResolvers()
  const receiver = await receiverOf(async ({ url }) => {
    if (url !== '/first') await answering
    return {}
  })
  const { concurrency = 5 } = more
  const requeuest = createRequeuest((more.prisma ?? database.prisma) as PrismaClient, more.options)
  await requeuest.start({ channels: ['a'], concurrency, concurrencyPerOrigin: concurrency })
  await requeuest.waitFor(await requeuest.spawn('a', `${receiver.url}/first`))
  return { requeuest, receiver, answer }
}

async function expectDelivered(requeuest: Requeuest, id: string, receiver: Receiver, answer: () => void) {
  answer()
  expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 1 })
  expect(receiver.requests.filter(({ headers }) => headers['idempotency-key'] === id)).toHaveLength(1)
  expect(await row(id)).toMatchObject({ state: 'delivered', attemptCount: 1, claimedBy: null, leaseUntil: null })
}

test.each<[string, RequeuestOptions]>([
  ['as it is', {}],
  ['encrypted', { encryption: { keys: { k: Buffer.alloc(32, 7) }, current: 'k' } }],
])('what a worker of this process can send at once is written as claimed: %s', async (_, options) => {
  const { requeuest, receiver, answer } = await idle({ options })
  const id = await requeuest.spawn(
    'a',
    { url: `${receiver.url}/x`, headers: { a: 'b' }, json: { n: 1 } },
    { expiresAfter: 60_000 },
  )
  const written = await row(id)
  expect(written).toMatchObject({ state: 'claimed', attemptCount: 1, claimedAt: written.createdAt })
  expect(written.leaseUntil!.getTime() - written.claimedAt!.getTime()).toBe(written.timeoutMs + 30_000)
  await expectDelivered(requeuest, id, receiver, answer)
  expect(receiver.requests[1]).toMatchObject({ url: '/x', headers: { a: 'b', 'content-type': 'application/json' } })
  expect(String(receiver.requests[1]!.body)).toBe('{"n":1}')
  expect(await database.prisma.httpAttempt.count({ where: { requestId: id } })).toBe(1)
})

test.each<[string, string, SpawnOptions]>([
  ['another channel', 'b', {}],
  ['a delay', 'a', { delay: 60_000 }],
  ['a line', 'a', { order: { key: 'x' } }],
  ['a key', 'a', { dedupe: { key: 'x' } }],
])('is not written as claimed: %s', async (_, channel, options) => {
  const { requeuest, receiver } = await idle()
  // So that it is seen before the worker may claim it.
  await database.prisma.$transaction(async (tx) => {
    await tx.$executeRaw`LOCK TABLE requeuest_attempt IN SHARE MODE`
    const id = await requeuest.spawn(channel, `${receiver.url}/x`, options)
    const written = await row(id)
    expect([written.state, written.claimedAt]).not.toEqual(['claimed', written.createdAt])
  })
})

test('more than the slots are written as pending, and are sent when there is a slot', async () => {
  const { requeuest, receiver, answer } = await idle({ concurrency: 3 })
  const ids = await Promise.all(Array.from({ length: 20 }, () => requeuest.spawn('a', `${receiver.url}/x`)))
  await receiver.waitForRequests(4)
  expect(receiver.requests).toHaveLength(4)
  answer()
  await Promise.all(ids.map((id) => requeuest.waitFor(id)))
  expect(receiver.requests).toHaveLength(21)
})

test.each(['channel', 'origin'] as const)('a pause of the %s holds from its commit on', async (kind) => {
  const { requeuest, receiver, answer } = await idle()
  const { prisma } = database
  const name = kind === 'channel' ? 'a' : receiver.url
  await prisma.httpLimit.create({ data: { kind, name, pausedAt: new Date() } })
  const id = await requeuest.spawn('a', `${receiver.url}/x`)
  expect(await row(id)).toMatchObject({
    state: 'pending',
    attemptCount: 0,
    claimedBy: null,
    claimedAt: null,
    leaseUntil: null,
  })
  await requeuest.resume(kind === 'channel' ? { channel: 'a' } : { origin: receiver.url })
  await expectDelivered(requeuest, id, receiver, answer)
})

test('an id that is there already is left as it is, and its slot is free again', async () => {
  const { requeuest, receiver, answer } = await idle({ concurrency: 1 })
  const id = await requeuest.spawn('b', `${receiver.url}/x`)
  for (let round = 0; round < 3; round++) expect(await requeuest.spawn('a', `${receiver.url}/y`, { id })).toBe(id)
  expect(await row(id)).toMatchObject({ channel: 'b', state: 'pending', attemptCount: 0 })
  const next = await requeuest.spawn('a', `${receiver.url}/x`)
  await expectDelivered(requeuest, next, receiver, answer)
})

test.each([
  ['unanswered', 'unanswered', false],
  ['unanswered, and said again,', 'unanswered', true],
  ['refused, and said again,', 'refused', true],
] as const)('when an insert is %s nothing is lost', async (_, way, isRepeated) => {
  let armed = false
  const prisma = wrapClient(database.prisma, (call) => {
    if (!armed || call.name !== 'insertRequest') return call.run()
    armed = false
    return runWith([{ name: call.name, nth: call.nth, way }], call)
  })
  const { requeuest, receiver, answer } = await idle({ prisma })
  requeuest.on('error', () => {})
  armed = true
  const id = '01890000-0000-7000-8000-000000000001'
  await expect(requeuest.spawn('a', `${receiver.url}/x`, { id })).rejects.toMatchObject({ code: 'database_error' })
  if (isRepeated) expect(await requeuest.spawn('a', `${receiver.url}/x`, { id })).toBe(id)
  await expectDelivered(requeuest, id, receiver, answer)
})

test('what an unanswered insert has claimed is given back although a claim was under way meanwhile', async () => {
  const claiming = withResolvers()
  const goOn = withResolvers()
  let armed = false
  const prisma = wrapClient(database.prisma, async (call) => {
    if (!armed) return call.run()
    if (call.name === 'insertRequest') return runWith([{ name: call.name, nth: call.nth, way: 'unanswered' }], call)
    const result = await call.run()
    if (call.name !== 'claimRequests') return result
    claiming.resolve()
    await goOn.promise
    return result
  })
  const { requeuest, receiver, answer } = await idle({ prisma })
  requeuest.on('error', () => {})
  armed = true
  // What stands in a line is not booked but claimed.
  await database.prisma.httpRequest.create({ data: { channel: 'a', url: `${receiver.url}/first`, orderKey: 'x' } })
  await claiming.promise
  const id = '01890000-0000-7000-8000-000000000003'
  await expect(requeuest.spawn('a', `${receiver.url}/x`, { id })).rejects.toMatchObject({ code: 'database_error' })
  expect(await row(id)).toMatchObject({ state: 'claimed' })
  armed = false
  goOn.resolve()
  await expectDelivered(requeuest, id, receiver, answer)
})

test('what is written after stop() is given back with its attempt unspent', async () => {
  const { requeuest, receiver } = await idle()
  const id = '01890000-0000-7000-8000-000000000002'
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  // The insert waits to see whether this one is committed.
  await holder.query('BEGIN')
  await holder.query('INSERT INTO requeuest_request (id, channel, url) VALUES ($1, $2, $3)', [id, 'b', receiver.url])
  const spawning = requeuest.spawn('a', `${receiver.url}/x`, { id })
  await vi.waitFor(async () => {
    const { rows } = await holder.query("SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
    expect(rows).toHaveLength(1)
  })
  await requeuest.stop()
  await holder.query('ROLLBACK')
  await holder.end()
  expect(await spawning).toBe(id)
  expect(await row(id)).toMatchObject({
    channel: 'a',
    state: 'pending',
    attemptCount: 0,
    claimedBy: null,
    leaseUntil: null,
  })
  expect(receiver.requests).toHaveLength(1)
})
