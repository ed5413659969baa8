import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { Vault } from '../../src/encryption/vault.ts'
import type { RequeuestEvents } from '../../src/events/event.ts'
import { Events } from '../../src/events/events.ts'
import { Apart } from '../../src/maintenance/apart.ts'
import { expireOnce } from '../../src/maintenance/expirer.ts'
import { Maintenance } from '../../src/maintenance/maintenance.ts'
import { rescueOnce } from '../../src/maintenance/rescuer.ts'
import { findMaintenance } from '../../src/store/maintenance.ts'
import { seedMaintenance } from '../faults/seed.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { claim, endLeases } from '../support/factory.ts'
import { useDatabase } from '../support/fixture.ts'

const quiet = () => new Apart(() => 0)
const database = useDatabase()
let prisma: PrismaClient
let seen: { rescued: RequeuestEvents['rescued'][]; failed: RequeuestEvents['failed'][] }
let events: Events
beforeEach(() => {
  prisma = database.prisma
  events = new Events()
  seen = { rescued: [], failed: [] }
  events.on('rescued', (event) => seen.rescued.push(event))
  events.on('failed', (event) => seen.failed.push(event))
})

const url = 'http://example.com/'
/** What is told of a row that was written by hand. */
const WHOSE = { channel: 'test', method: 'GET', origin: '', ageMs: expect.any(Number) }

test('a request whose worker died is due again, and the attempt is told as abandoned', async () => {
  const { id } = await prisma.httpRequest.create({ data: { channel: 'test', url } })
  const [claimed] = await claim(prisma, { workerId: 'dead' })
  expect(await rescueOnce(prisma, events, quiet())).toBe(0)
  await endLeases(prisma)
  expect(await rescueOnce(prisma, events, quiet())).toBe(1)
  expect(await prisma.httpRequest.findFirst({ include: { attempts: true } })).toMatchObject({
    state: 'pending',
    leaseExpiries: 1,
    claimedBy: null,
    attempts: [
      {
        number: 1,
        outcome: 'abandoned',
        workerId: 'dead',
        startedAt: new Date(claimed!.claimedAtMs),
        errorCode: 'lease_expired',
        nextRunAt: expect.any(Date),
      },
    ],
  })
  expect(seen.rescued).toEqual([{ requestId: id, channel: 'test', number: 1, workerId: 'dead' }])
  expect((await claim(prisma))[0]).toMatchObject({ id, number: 2 })
})

test('any number of processes may rescue at once', async () => {
  await prisma.httpRequest.createMany({ data: Array.from({ length: 50 }, () => ({ channel: 'test', url })) })
  await claim(prisma)
  await endLeases(prisma)
  const counts = await Promise.all(Array.from({ length: 6 }, () => rescueOnce(prisma, events, quiet())))
  expect(counts.reduce((a, b) => a + b)).toBe(50)
  expect(await prisma.httpAttempt.count()).toBe(50)
})

test('a request that five workers did not survive is failed as poison', async () => {
  const { id } = await prisma.httpRequest.create({ data: { channel: 'test', url } })
  for (let i = 1; i <= 5; i++) {
    expect(await claim(prisma)).toHaveLength(1)
    await endLeases(prisma)
    await rescueOnce(prisma, events, quiet())
  }
  expect(await prisma.httpRequest.findFirst()).toMatchObject({
    state: 'failed',
    failureCode: 'poison',
    attemptCount: 5,
  })
  expect(seen.failed).toEqual([{ ...WHOSE, requestId: id, attempts: 5, failureCode: 'poison' }])
})

test('an abandoned attempt counts towards maxAttempts', async () => {
  await prisma.httpRequest.create({ data: { channel: 'test', url, maxAttempts: 1 } })
  await claim(prisma)
  await endLeases(prisma)
  await rescueOnce(prisma, events, quiet())
  expect(await prisma.httpRequest.findFirst()).toMatchObject({ state: 'failed', failureCode: 'attempts_exhausted' })
})

test('a waiting request whose time has passed is failed without an attempt', async () => {
  const past = new Date(Date.now() - 1000)
  const future = new Date(Date.now() + 60_000)
  const { id } = await prisma.httpRequest.create({ data: { channel: 'test', url, expiresAt: past, runAt: future } })
  await prisma.httpRequest.create({ data: { channel: 'test', url, expiresAt: future } })
  await prisma.httpRequest.create({ data: { channel: 'test', url } })
  expect(await expireOnce(prisma, events, quiet())).toBe(1)
  expect(await prisma.httpRequest.findUnique({ where: { id } })).toMatchObject({
    state: 'failed',
    failureCode: 'expired',
  })
  expect(await prisma.httpRequest.count({ where: { state: 'pending' } })).toBe(2)
  expect(seen.failed).toEqual([{ ...WHOSE, requestId: id, attempts: 0, failureCode: 'expired' }])
})

test('a request that is being sent does not expire', async () => {
  await prisma.httpRequest.create({ data: { channel: 'test', url, expiresAt: new Date(Date.now() - 1000) } })
  expect(await claim(prisma)).toHaveLength(1)
  expect(await expireOnce(prisma, events, quiet())).toBe(0)
  expect(await prisma.httpRequest.findFirst()).toMatchObject({ state: 'claimed', failureCode: null })
})

const RETENTION = { delivered: null, failed: null, cancelled: null, bodies: null }

test('all that there is to do is found while it runs', async () => {
  let looks = 0
  const client = wrapClient(prisma, (call) => {
    if (call.name === 'findMaintenance') looks++
    return call.run()
  })
  const maintenance = new Maintenance(
    client,
    new Vault(null),
    RETENTION,
    () => {},
    events,
    () => 1,
    () => 100,
    () => {},
  )
  onTestFinished(() => maintenance.stop())
  await vi.waitFor(() => expect(looks).toBe(1))
  const rescued = await seedMaintenance(prisma, 'http://example.com')
  await vi.waitFor(
    async () => {
      expect(seen.rescued.map(({ requestId }) => requestId)).toEqual([rescued])
      expect(seen.failed).toMatchObject([{ failureCode: 'expired' }])
      expect(await prisma.httpRequest.count({ where: { schedule: 'due' } })).toBe(1)
      expect(await prisma.httpRequest.count({ where: { unblockDue: true } })).toBe(0)
    },
    { timeout: 4000 },
  )
  // Nothing is left to do, although there are leases, expiries and schedules.
  await claim(prisma, { channel: 'maintenance' })
  await prisma.httpRequest.create({ data: { channel: 'test', url, expiresAt: new Date(Date.now() + 60_000) } })
  const [found] = await findMaintenance(prisma, 3000, [], 0)
  expect(Object.entries(found!).filter(([, isFound]) => isFound === true)).toEqual([])
})

test('what is encrypted with an old key is to be done, wherever it is', async () => {
  const isFound = async () => (await findMaintenance(prisma, 0, ['old', 'older'], 0))[0]!.reencrypt
  const { id } = await prisma.httpRequest.create({ data: { channel: 'test', url, encryptionKey: 'new' } })
  expect(await isFound()).toBe(false)
  await prisma.httpRequest.update({ where: { id }, data: { encryptionKey: 'older' } })
  expect(await isFound()).toBe(true)
  const attempt = { number: 1, outcome: 'accepted', startedAt: new Date(), durationMs: 1, workerId: 'w' } as const
  await prisma.httpRequest.update({
    where: { id },
    data: { encryptionKey: 'new', attempts: { create: { ...attempt, encryptionKey: 'old' } } },
  })
  expect(await isFound()).toBe(true)
  await prisma.httpAttempt.deleteMany()
  expect(await isFound()).toBe(false)
  await prisma.httpSchedule.create({ data: { name: 'a', cron: '@yearly', channel: 'test', url, encryptionKey: 'old' } })
  expect(await isFound()).toBe(true)
})
