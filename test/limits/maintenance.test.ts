import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import type { RequeuestError } from '../../src/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const breaker = { minRequests: 3, openFor: 60_000 }

/** A connection that has run this and stays in its transaction. */
async function inTransaction(sql: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(`BEGIN; ${sql}`)
  return client
}

const failing = () => receiverOf(() => ({ status: 500 }))
const stateOf = (origin: string) =>
  database.prisma.httpLimit.findUnique({ where: { kind_name: { kind: 'origin', name: origin } } })
const opens = (origin: string) =>
  vi.waitFor(async () => expect(await stateOf(origin)).toMatchObject({ breaker: 'open' }), 10_000)

test('a host name that cannot be, made by a renderer, holds up nobody', async () => {
  const good = await receiverOf()
  const requeuest = createRequeuest(database.prisma, { breaker: { minRequests: 1 }, retry: { maxAttempts: 2 } })
  requeuest.renderer('tenant', () => `http://${'x'.repeat(50)}.${'y.'.repeat(161)}test/`)
  await requeuest.start({ channels: ['a'] })
  const id = await requeuest.spawn('a', { render: 'tenant' })
  await expect(requeuest.waitFor(id)).rejects.toMatchObject({ code: 'request_failed' })
  for (let count = 0; count < 3; count++) await requeuest.spawnReturning('a', good.url)
  expect((await requeuest.find(id))!.attempts.at(-1)).toMatchObject({
    outcome: 'unprepared',
    errorMessage: expect.stringContaining('253'),
  })
  await expect(requeuest.spawn('a', `http://${'y.'.repeat(161)}test/`)).rejects.toThrow('253')
})

test('what the database refuses to write of a receiver is dropped with an event, and holds up nobody', async () => {
  const [refused, other, good] = await Promise.all([failing(), failing(), receiverOf()])
  await database.prisma.$executeRawUnsafe(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE check_violation USING MESSAGE = 'not this one'; END $$`)
  await database.prisma.$executeRawUnsafe(`CREATE TRIGGER refuse BEFORE INSERT ON requeuest_limit FOR EACH ROW
    WHEN (NEW.name = '${refused.url}') EXECUTE FUNCTION refuse()`)
  onTestFinished(async () => {
    await database.prisma.$executeRawUnsafe('DROP FUNCTION refuse CASCADE')
  })
  const requeuest = createRequeuest(database.prisma, { breaker })
  const errors: RequeuestError[] = []
  requeuest.on('error', (error) => errors.push(error))
  await requeuest.start({ channels: 'all' })
  await requeuest.spawnMany('a', Array(10).fill(refused.url))
  await vi.waitFor(() => expect(errors.map(({ message }) => message).join()).toContain('not this one'), 10_000)
  await requeuest.spawnMany('b', Array(10).fill(other.url))
  await opens(other.url)
  for (let count = 0; count < 3; count++) await requeuest.spawnReturning('a', good.url)
  expect(await stateOf(refused.url)).toBeNull()
})

test('what somebody has locked of a receiver holds up neither other receivers nor what is written of them', async () => {
  const [locked, other, good] = await Promise.all([failing(), failing(), receiverOf()])
  await database.prisma.httpLimit.create({ data: { kind: 'origin', name: locked.url } })
  const client = await inTransaction(`SELECT FROM requeuest_limit WHERE name = '${locked.url}' FOR UPDATE`)
  const requeuest = createRequeuest(database.prisma, { breaker })
  const errors: RequeuestError[] = []
  requeuest.on('error', (error) => errors.push(error))
  await requeuest.start({ channels: 'all' })
  await requeuest.spawnMany('a', Array(10).fill(locked.url))
  await locked.waitForRequests(3)
  await requeuest.spawnMany('b', Array(10).fill(other.url))
  await opens(other.url)
  for (let count = 0; count < 3; count++) await requeuest.spawnReturning('c', good.url)
  // Meanwhile it is left alone all the same.
  const sent = locked.requests.length
  await vi.waitFor(async () => {
    await requeuest.spawnReturning('c', good.url)
    expect(good.requests.length).toBeGreaterThan(20)
  }, 10_000)
  expect(locked.requests.length).toBeLessThanOrEqual(sent + 10)
  await client.query('COMMIT')
  await opens(locked.url)
  expect(errors).toEqual([])
})

test('a breaker that somebody has locked when it is to be tried out holds up nobody', async () => {
  const [locked, good] = await Promise.all([receiverOf(), receiverOf()])
  const openUntil = new Date(0)
  await database.prisma.httpLimit.create({ data: { kind: 'origin', name: locked.url, breaker: 'open', openUntil } })
  const client = await inTransaction(`SELECT FROM requeuest_limit WHERE name = '${locked.url}' FOR UPDATE`)
  const requeuest = createRequeuest(database.prisma, { breaker })
  const id = await requeuest.spawn('a', locked.url)
  await requeuest.start({ channels: ['a'] })
  for (let count = 0; count < 3; count++) await requeuest.spawnReturning('a', good.url)
  expect(locked.requests).toEqual([])
  await client.query('COMMIT')
  await requeuest.waitFor(id)
})

test.each([
  ['a limit on concurrency', { concurrency: 5 }],
  ['a rate', { rate: { limit: 100 } }],
])('%s that somebody is about to change holds up nothing else that is limited', async (_, limits) => {
  const receivers = await Promise.all([receiverOf(), receiverOf(), receiverOf()])
  const [inLocked, toLocked, good] = receivers.map(({ url }) => url) as [string, string, string]
  const requeuest = createRequeuest(database.prisma)
  const channels = ['locked', 'limited', 'free']
  for (const channel of ['locked', 'limited']) await requeuest.setLimits({ channel }, limits)
  for (const origin of [toLocked, good]) await requeuest.setLimits({ origin }, limits)
  const client = await inTransaction(`
    UPDATE requeuest_limit SET next_permit_at = now() WHERE name IN ('locked', '${toLocked}')`)
  const waiting = [await requeuest.spawn('locked', inLocked), await requeuest.spawn('free', toLocked)]
  await requeuest.start({ channels })
  for (const channel of ['free', 'limited', 'free', 'limited']) await requeuest.spawnReturning(channel, good)
  expect(receivers[0]!.requests.length + receivers[1]!.requests.length).toBe(0)
  await client.query('COMMIT')
  await Promise.all(waiting.map((id) => requeuest.waitFor(id)))
})
