import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { http } from '../../src/index.ts'
import { claim } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'http://example.com/'
const NOBODY = '019ab000-0000-7000-8000-00000000000a'
const LATER = new Date(Date.UTC(2030, 0, 1, 0, 0, 0, 123))

class Rollback extends Error {}

test('reschedule makes what waits due at once, or later', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', receiver.url, { delay: 3_600_000 })
  expect(await requeuest.reschedule(id, LATER)).toEqual({ changed: true, state: 'pending' })
  expect(await requeuest.find(id)).toMatchObject({ runAt: LATER, state: 'pending' })
  expect(await requeuest.reschedule(id, new Date())).toEqual({ changed: true, state: 'pending' })
  await requeuest.waitFor(id)
  expect(await requeuest.reschedule(id, LATER)).toEqual({ changed: false, state: 'delivered' })
})

test('reschedule commits with the business change, and only then', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', url, { delay: 5000 })
  const before = await requeuest.find(id)
  const rolledBack = database.prisma.$transaction(async (tx) => {
    expect(await requeuest.reschedule(id, LATER, { tx })).toMatchObject({ changed: true })
    throw new Rollback()
  })
  await expect(rolledBack).rejects.toThrow(Rollback)
  expect(await requeuest.find(id)).toEqual(before)
  await database.prisma.$transaction((tx) => requeuest.reschedule(id, LATER, { tx }))
  expect(await requeuest.find(id)).toMatchObject({ runAt: LATER })
})

test('reschedule leaves what is being sent, and what is not there, as it is', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('test', url)
  await claim(database.prisma)
  expect(await requeuest.reschedule(id, LATER)).toEqual({ changed: false, state: 'claimed' })
  expect(await requeuest.reschedule(NOBODY, LATER)).toEqual({ changed: false, state: null })
})

const k1 = randomBytes(32)
const k2 = randomBytes(32)

test('retarget sends the next attempt elsewhere, with the same content', async () => {
  const gone = await receiverOf(() => ({ status: 503 }))
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma, { retry: { backoff: { base: 50, factor: 1, jitter: 'none' } } })
  const id = await requeuest.spawn('a', http.post(`${gone.url}/x`, { json: { a: 1 }, headers: { 'x-old': '1' } }))
  await requeuest.start({ channels: ['a'] })
  await gone.waitForRequests(1)
  expect(await requeuest.retarget(id, { url: `${receiver.url}/y` })).toMatchObject({ changed: true })
  await requeuest.waitFor(id)
  const [sent] = receiver.requests
  expect([sent!.url, sent!.headers['x-old'], String(sent!.body)]).toEqual(['/y', '1', '{"a":1}'])
  expect(sent!.headers['idempotency-key']).toBe(id)
  expect(await database.prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({ origin: receiver.url })
  expect(await requeuest.retarget(id, { url })).toEqual({ changed: false, state: 'delivered' })
})

test('retarget takes effect for what is being sent with its next attempt', async () => {
  let letGo!: () => void
  const held = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const slow = await receiverOf(async () => {
    await held
    return { status: 500 }
  })
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', slow.url)
  await requeuest.start({ channels: ['a'] })
  await slow.waitForRequests(1)
  expect(await requeuest.retarget(id, { url: new URL(receiver.url) })).toEqual({ changed: true, state: 'claimed' })
  letGo()
  expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 2 })
  expect([slow.requests.length, receiver.requests.length]).toEqual([1, 1])
})

test.each([
  ['plain', {}, {}],
  ['encrypted', { encryption: { keys: { k1 }, current: 'k1' } }, { encryption: { keys: { k1 }, current: 'k1' } }],
  ['plain, to be encrypted', {}, { encryption: { keys: { k1 }, current: 'k1' } }],
  [
    'under an old key',
    { encryption: { keys: { k1 }, current: 'k1' } },
    { encryption: { keys: { k1, k2 }, current: 'k2' } },
  ],
])('retarget replaces all headers but the type of the body: %s', async (_, before, after) => {
  const receiver = await receiverOf()
  const id = await createRequeuest(database.prisma, before).spawn(
    'a',
    http.post(receiver.url, { json: { secret: 'canary' }, headers: { 'x-old': '1', 'X-Token': 'canary-old' } }),
  )
  const requeuest = createRequeuest(database.prisma, after)
  expect(await requeuest.retarget(id, { headers: [['X-Token', 'canary-new']] })).toMatchObject({ changed: true })
  const [row] = await database.prisma.$queryRaw<[{ text: string }]>`
      SELECT concat(to_jsonb(request), encode(body, 'escape')) AS text FROM requeuest_request AS request`
  expect(row.text.includes('canary')).toBe(!('encryption' in after))
  await requeuest.start({ channels: ['a'] })
  await requeuest.waitFor(id)
  const { headers, body } = receiver.requests[0]!
  expect(headers).toMatchObject({ 'x-token': 'canary-new', 'content-type': 'application/json' })
  expect(headers['x-old']).toBeUndefined()
  expect(String(body)).toBe('{"secret":"canary"}')
})

test('retarget a content type that is named takes the place of the old one', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', http.post(url, { body: 'text' }))
  await requeuest.retarget(id, { headers: { 'Content-Type': 'text/csv' } })
  expect(await requeuest.find(id)).toMatchObject({ headers: [['Content-Type', 'text/csv']] })
  await database.prisma.httpRequest.update({ where: { id }, data: { headers: { senseless: true } } })
  await requeuest.retarget(id, { headers: { 'x-a': '1' } })
  expect(await requeuest.find(id)).toMatchObject({ headers: [['x-a', '1']] })
})

test('retarget of a row whose key is missing changes nothing', async () => {
  const id = await createRequeuest(database.prisma, { encryption: { keys: { k1 }, current: 'k1' } }).spawn('a', url)
  const before = await database.prisma.httpRequest.findUnique({ where: { id } })
  const without = createRequeuest(database.prisma)
  await expect(without.retarget(id, { headers: {} })).rejects.toMatchObject({ code: 'encryption_key_missing' })
  expect(await database.prisma.httpRequest.findUnique({ where: { id } })).toEqual(before)
})

test('retarget by many at once leaves one of them whole', async () => {
  const options = { encryption: { keys: { k1 }, current: 'k1' } }
  const requeuest = createRequeuest(database.prisma, options)
  const id = await requeuest.spawn('a', http.post(url, { body: 'text' }))
  await Promise.all(
    Array.from({ length: 8 }, (_, n) => requeuest.retarget(id, { url: `${url}${n}`, headers: { n: `${n}` } })),
  )
  const found = (await requeuest.find(id))!
  const [[, n] = []] = found.headers
  expect(found.url).toBe(`${url}${n}`)
  expect(found.headers[1]).toEqual(['content-type', 'text/plain;charset=UTF-8'])
  expect(String(Buffer.from(found.body!))).toBe('text')
})

test('retarget does not bring back a body that is replaced at the same moment', async () => {
  const { prisma } = database
  const requeuest = createRequeuest(prisma)
  const options = { dedupe: { key: 'one', onDuplicate: 'replace' } } as const
  const id = await requeuest.spawn('a', http.post(url, { body: 'old' }), options)
  let retargeting: Promise<unknown> | undefined
  await prisma.$transaction(async (tx) => {
    await requeuest.spawn('a', http.post(url, { body: 'new' }), { tx, ...options })
    retargeting = requeuest.retarget(id, { headers: { 'x-a': '1' } })
    for (;;) {
      const [row] = await prisma.$queryRaw<[{ count: number }]>`
          SELECT count(*)::int FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`
      if (row.count > 0) break
    }
  })
  expect(await retargeting).toEqual({ changed: true, state: 'pending' })
  const { headers, body } = (await requeuest.find(id))!
  expect(headers[0]).toEqual(['x-a', '1'])
  expect(String(Buffer.from(body!))).toBe('new')
})

test('retarget commits with the business change, and only then', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('a', url)
  const before = await requeuest.find(id)
  const rolledBack = database.prisma.$transaction(async (tx) => {
    await requeuest.retarget(id, { url: `${url}x`, headers: { 'x-a': '1' } }, { tx })
    throw new Rollback()
  })
  await expect(rolledBack).rejects.toThrow(Rollback)
  expect(await requeuest.find(id)).toEqual(before)
  await database.prisma.$transaction((tx) => requeuest.retarget(id, { url: `${url}x` }, { tx }))
  expect(await requeuest.find(id)).toMatchObject({ url: `${url}x` })
  expect(await requeuest.retarget(NOBODY, { url })).toEqual({ changed: false, state: null })
  expect(await requeuest.retarget(NOBODY, { headers: {} })).toEqual({ changed: false, state: null })
})

test('retarget mends what failed, for a redrive', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', 'http://10.1.2.3:81/')
  await expect(requeuest.waitFor(id)).rejects.toMatchObject({ failureCode: 'address_blocked' })
  expect(await requeuest.retarget(id, { url: receiver.url })).toEqual({ changed: true, state: 'failed' })
  await requeuest.redrive(id)
  expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 2 })
})
