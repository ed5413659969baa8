import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import type { Decision } from '../../src/policy/outcome.ts'
import type { ClaimedRequest } from '../../src/policy/request.ts'
import { claim, endLeases, rescue, response, settleAll } from '../support/factory.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()
let prisma: PrismaClient
beforeEach(() => {
  prisma = database.prisma
})

const DELIVERED: Decision = { outcome: 'accepted', state: 'delivered' }
const RETRY: Decision = { outcome: 'rejected', state: 'pending', delayMs: 60_000 }
const FAILED: Decision = { outcome: 'rejected', state: 'failed', failureCode: 'attempts_exhausted' }

async function spawnOne(): Promise<string> {
  const { id } = await prisma.httpRequest.create({ data: { channel: 'test', url: 'http://example.com/' } })
  return id
}

async function settle(claimed: ClaimedRequest, status: number, decision: Decision, workerId = 'worker-1') {
  const settlement = { claim: claimed, delivery: response(status), decision, workerId }
  const [row] = await settleAll(prisma, [settlement])
  return row!.verdict
}

async function rescueNow() {
  await endLeases(prisma)
  return rescue(prisma)
}

const read = (id: string) =>
  prisma.httpRequest.findUniqueOrThrow({ where: { id }, include: { attempts: { orderBy: { number: 'asc' } } } })

test('an attempt that holds its claim delivers the request and writes everything that was found out', async () => {
  const id = await spawnOne()
  const [claimed] = await claim(prisma)
  expect(await settle(claimed!, 200, DELIVERED)).toBe('settled')
  const request = await read(id)
  expect(request).toMatchObject({ state: 'delivered', attemptCount: 1, claimedBy: null, leaseUntil: null })
  expect(request.finishedAt).not.toBeNull()
  expect(request.attempts).toMatchObject([
    {
      number: 1,
      outcome: 'accepted',
      status: 200,
      durationMs: 12,
      workerId: 'worker-1',
      headers: [['content-type', 'text/plain']],
      bodySize: 5,
      bodyTruncated: false,
      remoteAddress: '127.0.0.1',
      nextRunAt: null,
    },
  ])
  expect(Buffer.from(request.attempts[0]!.body!).toString()).toBe('hello')
  expect(request.attempts[0]!.startedAt.getTime()).toBe(claimed!.claimedAtMs)
})

test('an attempt that holds its claim makes the request due again after the delay, and says so in the attempt', async () => {
  const id = await spawnOne()
  const [claimed] = await claim(prisma)
  await settle(claimed!, 503, RETRY)
  const request = await read(id)
  expect(request).toMatchObject({ state: 'pending', claimedBy: null, finishedAt: null })
  expect(request.attempts[0]!.nextRunAt).toEqual(request.runAt)
  const [{ inMs }] = await prisma.$queryRaw<[{ inMs: number }]>`
      SELECT (extract(epoch FROM run_at - now()) * 1000)::float8 AS "inMs" FROM requeuest_request`
  expect(inMs).toBeGreaterThan(50_000)
  expect(inMs).toBeLessThanOrEqual(60_000)
  expect(await claim(prisma)).toEqual([])
})

test('an attempt that holds its claim fails the request with its reason', async () => {
  const id = await spawnOne()
  const [claimed] = await claim(prisma)
  await settle(claimed!, 400, FAILED)
  expect(await read(id)).toMatchObject({ state: 'failed', failureCode: 'attempts_exhausted' })
})

test('an attempt that lost its claim changes nothing when it failed, but its attempt is told truly', async () => {
  const id = await spawnOne()
  const [first] = await claim(prisma)
  await rescueNow()
  const [second] = await claim(prisma, { workerId: 'worker-2' })
  expect(await settle(first!, 500, FAILED)).toBe('lost')
  const request = await read(id)
  expect(request).toMatchObject({ state: 'claimed', attemptCount: 2, claimedBy: 'worker-2' })
  expect(request.attempts).toMatchObject([{ number: 1, outcome: 'rejected', status: 500, nextRunAt: expect.any(Date) }])
  expect(await settle(second!, 200, DELIVERED, 'worker-2')).toBe('settled')
})

test('an attempt that lost its claim delivers the request when it succeeded late, even while another worker has it', async () => {
  const id = await spawnOne()
  const [first] = await claim(prisma)
  await rescueNow()
  const [second] = await claim(prisma, { workerId: 'worker-2' })
  expect(await settle(first!, 200, DELIVERED)).toBe('settled')
  expect((await read(id)).state).toBe('delivered')
  expect(await settle(second!, 500, RETRY, 'worker-2')).toBe('lost')
  const request = await read(id)
  expect(request.state).toBe('delivered')
  expect(request.attempts).toMatchObject([
    { number: 1, outcome: 'accepted' },
    { number: 2, outcome: 'rejected', workerId: 'worker-2', nextRunAt: null },
  ])
})

test('an attempt that lost its claim leaves a row for the attempt of the other worker, which may never report', async () => {
  const id = await spawnOne()
  const [first] = await claim(prisma)
  await rescueNow()
  const [second] = await claim(prisma, { workerId: 'worker-2' })
  await settle(first!, 200, DELIVERED)
  const { state, attempts, attemptCount } = await read(id)
  expect({ state, attemptCount }).toEqual({ state: 'delivered', attemptCount: 2 })
  expect(attempts).toMatchObject([
    { number: 1, outcome: 'accepted' },
    { number: 2, outcome: 'abandoned', workerId: 'worker-2', errorCode: 'delivered_before', nextRunAt: null },
  ])
  expect(attempts[1]!.startedAt.getTime()).toBe(second!.claimedAtMs)
})

test('an attempt that lost its claim does not revive a request that is final', async () => {
  const id = await spawnOne()
  const [claimed] = await claim(prisma)
  await prisma.httpRequest.update({ where: { id }, data: { state: 'cancelled' } })
  expect(await settle(claimed!, 200, DELIVERED)).toBe('lost')
  expect(await read(id)).toMatchObject({ state: 'cancelled', attempts: [{ number: 1, outcome: 'accepted' }] })
})

test('keeps the bytes of every body, also behind one that is missing', async () => {
  const ids = [await spawnOne(), await spawnOne(), await spawnOne()]
  const bodies = new Map([
    [ids[0]!, null],
    [ids[1]!, Buffer.from([0, 255, 10])],
    [ids[2]!, Buffer.alloc(0)],
  ])
  const claims = (await claim(prisma)).sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id))
  await settleAll(
    prisma,
    claims.map((one) => ({
      claim: one,
      delivery: response(200, { body: bodies.get(one.id)! }),
      decision: DELIVERED,
      workerId: 'worker-1',
    })),
  )
  for (const id of ids) {
    const { body } = (await read(id)).attempts[0]!
    expect(body && Buffer.from(body)).toEqual(bodies.get(id))
  }
})

test('a settlement whose answer was lost can be repeated', async () => {
  const id = await spawnOne()
  const [claimed] = await claim(prisma)
  expect(await settle(claimed!, 200, DELIVERED)).toBe('settled')
  expect(await settle(claimed!, 200, DELIVERED)).toBe('settled')
  expect(await read(id)).toMatchObject({ state: 'delivered', attempts: [{ number: 1, outcome: 'accepted' }] })
})

test('reports a request that was deleted meanwhile, and writes the others', async () => {
  const kept = await spawnOne()
  const gone = await spawnOne()
  const claims = await claim(prisma)
  await prisma.httpRequest.delete({ where: { id: gone } })
  const rows = await settleAll(
    prisma,
    claims.map((one) => ({ claim: one, delivery: response(200), decision: DELIVERED, workerId: 'worker-1' })),
  )
  expect(new Map(rows.map((row) => [row.id, row.verdict]))).toEqual(
    new Map([
      [kept, 'settled'],
      [gone, 'gone'],
    ]),
  )
})

test('passes over a row that an open transaction has locked, and writes the others', async () => {
  const locked = await spawnOne()
  const free = await spawnOne()
  const claims = await claim(prisma)
  await prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT id::text FROM requeuest_request WHERE id = ${locked}::uuid FOR UPDATE`
    const rows = await settleAll(
      prisma,
      claims.map((one) => ({ claim: one, delivery: response(200), decision: DELIVERED, workerId: 'worker-1' })),
    )
    expect(new Map(rows.map((row) => [row.id, row.verdict]))).toEqual(
      new Map([
        [free, 'settled'],
        [locked, 'busy'],
      ]),
    )
  })
  expect(await read(locked)).toMatchObject({ state: 'claimed', attempts: [] })
})
