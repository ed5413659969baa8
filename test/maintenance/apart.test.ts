import { beforeEach, expect, test } from 'vitest'
import { Events } from '../../src/events/events.ts'
import { Apart } from '../../src/maintenance/apart.ts'
import { expireOnce } from '../../src/maintenance/expirer.ts'
import { pruneOnce } from '../../src/maintenance/pruner.ts'
import { rescueOnce } from '../../src/maintenance/rescuer.ts'
import { unblockLinesOnce } from '../../src/maintenance/unblocker.ts'
import { resolveRetention } from '../../src/policy/retention.ts'
import { claim, rescue, response, settleAll } from '../support/factory.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const DATA = { channel: 'test', url: 'http://a.test/', origin: 'http://a.test' }
const past = new Date(0)
let errors: unknown[]
let apart: Apart
beforeEach(() => {
  errors = []
  apart = new Apart((error) => errors.push(error))
})

/** From now on the database refuses to have this request changed or deleted. */
async function protect(id: string): Promise<void> {
  await database.prisma.$executeRawUnsafe(`
    CREATE OR REPLACE FUNCTION hold_on() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''mine''; END'`)
  await database.prisma.$executeRawUnsafe(`
    CREATE OR REPLACE TRIGGER hold_on BEFORE UPDATE OR DELETE ON requeuest_request
      FOR EACH ROW WHEN (OLD.id = '${id}') EXECUTE FUNCTION hold_on()`)
}

const release = () => database.prisma.$executeRaw`DROP TRIGGER IF EXISTS hold_on ON requeuest_request`
const states = async () =>
  (await database.prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })).map((row) => row.state)

async function create(count: number, more = {}): Promise<string[]> {
  const rows = await database.prisma.httpRequest.createManyAndReturn({ data: Array(count).fill({ ...DATA, ...more }) })
  return rows.map(({ id }) => id).sort()
}

const CLAIMED = { state: 'claimed', claimedBy: 'gone', claimedAt: past, leaseUntil: past, attemptCount: 1 } as const

test('one row that the database refuses to have changed does not hold up the rescue of others, and is left alone for a while', async () => {
  const ids = await create(7, CLAIMED)
  await protect(ids[3]!)
  expect(await rescueOnce(database.prisma, new Events(), apart)).toBe(6)
  expect(await states()).toEqual(ids.map((_, index) => (index === 3 ? 'claimed' : 'pending')))
  expect(errors).toMatchObject([{ message: expect.stringContaining('mine') }])
  expect(await rescueOnce(database.prisma, new Events(), apart)).toBe(0)
  expect(errors).toHaveLength(1)
  await release()
})

test('one row that the database refuses to have changed does not hold up the expiry of others', async () => {
  const ids = await create(5, { expiresAt: past })
  await protect(ids[0]!)
  expect(await expireOnce(database.prisma, new Events(), apart)).toBe(4)
  await release()
})

test('one row that the database refuses to have changed does not hold up the lines of others', async () => {
  const lines = Array.from({ length: 4 }, (_, n) => ({ ...DATA, orderKey: `${n}` }))
  const rows = await database.prisma.httpRequest.createManyAndReturn({ data: lines })
  await database.prisma.httpRequest.createMany({ data: lines })
  await database.prisma.httpRequest.updateMany({
    where: { id: { in: rows.map(({ id }) => id) } },
    data: { state: 'delivered', leaseUntil: new Date(Date.now() + 60_000) },
  })
  await database.prisma.httpRequest.updateMany({ data: { leaseUntil: null } })
  await protect(rows[1]!.id)
  expect(await unblockLinesOnce(database.prisma, apart)).toEqual({ tried: 3, left: 0 })
  expect(await database.prisma.httpRequest.count({ where: { state: 'pending', blocked: false } })).toBe(3)
  await release()
})

test('one row that the database refuses to have changed does not hold up the deletion of others, when a table of the user refers to it', async () => {
  const { prisma } = database
  await prisma.$executeRaw`CREATE TABLE orders (request_id uuid REFERENCES requeuest_request (id))`
  const [, kept] = await create(4, { state: 'delivered', finishedAt: past, body: Buffer.from('x') })
  await prisma.$executeRaw`INSERT INTO orders VALUES (${kept}::uuid)`
  const both = { requests: apart, bodies: new Apart(() => 0) }
  await pruneOnce(prisma, resolveRetention({ delivered: '1d', bodies: '1m' }), () => 0, both)
  expect(await prisma.httpRequest.findMany()).toMatchObject([{ id: kept, body: null }])
  expect(errors).toMatchObject([{ message: expect.stringContaining('orders') }])
  await prisma.$executeRaw`DROP TABLE orders`
})

test.each([
  ['24.9 days ago', "now() - interval '24.9 days'"],
  ['a thousand years ago', "now() - interval '1000 years'"],
  ['before all time', "'-infinity'"],
  ['in the future', "now() + interval '100 years'"],
  ['after all time', "'infinity'"],
])('a claim that began long ago is rescued, cancelled and superseded: %s', async (_, claimedAt) => {
  const { prisma } = database
  const age = () =>
    prisma.$executeRawUnsafe(`UPDATE requeuest_request SET claimed_at = ${claimedAt} WHERE state = 'claimed'`)
  const [id] = await create(1, CLAIMED)
  await age()
  expect(await rescue(prisma)).toHaveLength(1)
  const [late] = await claim(prisma)
  await prisma.httpRequest.updateMany({ data: { leaseUntil: past } })
  await age()
  expect(await rescue(prisma)).toHaveLength(1)
  await claim(prisma)
  await age()
  const decision = { outcome: 'accepted', state: 'delivered' } as const
  expect(await settleAll(prisma, [{ claim: late!, delivery: response(200), decision, workerId: 'late' }])).toEqual([
    { id, verdict: 'settled' },
  ])
  await create(1, CLAIMED)
  await age()
  expect(await createRequeuest(prisma).cancel({ channel: 'test' })).toMatchObject({ cancelled: 1 })
  const attempts = await prisma.httpAttempt.findMany()
  expect(attempts.every(({ durationMs }) => durationMs >= 0)).toBe(true)
})

test.each(["'infinity'", "now() + interval '3 days'", "'294276-12-31'"])(
  'a lease that no worker can have taken is over: %s',
  async (lease) => {
    await create(2, CLAIMED)
    await database.prisma.$executeRawUnsafe(`UPDATE requeuest_request SET lease_until = ${lease}`)
    expect(await rescue(database.prisma)).toHaveLength(2)
  },
)

test('counts as large as their columns do not end a rescue', async () => {
  await create(1, { ...CLAIMED, attemptCount: 2_147_483_646, leaseExpiries: 32_767 })
  await create(1, CLAIMED)
  expect((await rescue(database.prisma)).map(({ state }) => state).sort()).toEqual(['failed', 'pending'])
})
