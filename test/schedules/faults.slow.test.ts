import { randomBytes } from 'node:crypto'
import { beforeEach, expect, inject, onTestFinished, test, vi } from 'vitest'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import { resolveKeys } from '../../src/encryption/keys.ts'
import { Vault } from '../../src/encryption/vault.ts'
import { Events } from '../../src/events/events.ts'
import type { RequeuestError } from '../../src/index.ts'
import { prepareRequest } from '../../src/net/outgoing.ts'
import { Schedules } from '../../src/schedules/scheduler.ts'
import { asAdmin, databaseUrl } from '../support/databases.ts'
import { nextEvent } from '../support/factory.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { migrateDeploy } from '../support/migrate.ts'

const database = useDatabase()
let prisma: PrismaClient
let events: Events
let told: string[]
beforeEach(() => {
  prisma = database.prisma
  events = new Events()
  told = []
  events.on('error', ({ code, message }) => told.push(`${code}: ${message}`))
  events.on('warning', ({ message }) => told.push(`warning: ${message}`))
})

const keeperOf = (vault = new Vault(null), db = prisma) =>
  new Schedules({ db, vault, events, checkMessage: prepareRequest })
const minutesAgo = (minutes: number) => new Date(Math.floor(Date.now() / 60_000 - minutes) * 60_000)

type Data = Partial<Prisma.HttpScheduleCreateManyInput>
const rowOf = (name: string, data: Data = {}) => ({
  ...{ name, cron: '0 0 1 1 *', channel: 'a', url: 'http://example.com/', nextRunAt: minutesAgo(0) },
  ...data,
})

/** One that is wrong between two that are due, in every order. */
async function createAround(data: Data) {
  await prisma.httpSchedule.createMany({ data: [rowOf('a'), rowOf('wrong', data), rowOf('z')] })
}

const find = (name = 'wrong') =>
  prisma.httpSchedule.findUniqueOrThrow({ where: { name }, omit: { nextRunAt: true, changedAt: true } })
const spawnedOf = async () => {
  const rows = await prisma.httpRequest.findMany({ distinct: ['schedule'], orderBy: { schedule: 'asc' } })
  return rows.map(({ schedule }) => schedule)
}

test.each<[string, string, string]>([
  ['next_run_at', '-infinity', 'schedule.nextRunAt must be a time in the years 1 to 9999, got -Infinity.'],
  ['next_run_at', 'infinity', 'schedule.nextRunAt must be a time in the years 1 to 9999, got Infinity.'],
  ['next_run_at', '0044-03-15 BC', 'schedule.nextRunAt must be'],
  ['next_run_at', '4713-01-01 BC', 'schedule.nextRunAt must be'],
  ['next_run_at', '10000-01-01', 'schedule.nextRunAt must be'],
  ['next_run_at', '294276-12-31', 'schedule.nextRunAt must be'],
  ['changed_at', '-infinity', 'schedule.changedAt must be a time in the years 1 to 9999, got -Infinity.'],
  ['changed_at', 'infinity', 'schedule.changedAt must be'],
  ['changed_at', '0001-12-31 BC', 'schedule.changedAt must be'],
  ['changed_at', '275760-09-12', 'schedule.changedAt must be'],
  ['changed_at', '294276-12-31', 'schedule.changedAt must be'],
])(
  'a moment that nobody could reckon with in %s, %s is said to be wrong of that schedule alone, which schedule() mends',
  async (column, moment, problem) => {
    await createAround(column === 'changed_at' ? { nextRunAt: null } : {})
    await set(column, moment)
    const requeuest = createRequeuest(prisma)
    const listed = await requeuest.schedules()
    expect(listed[1]).toMatchObject({ name: 'wrong', nextRunAt: null, problem: expect.stringContaining(problem) })
    expect((await keeperOf().runOnce(0)).fired).toBe(2)
    expect((await find()).problem).toContain(problem)
    expect(told).toEqual([expect.stringMatching(/^invalid_schedule: The schedule "wrong" cannot fire: /)])

    const newYear = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 0))
    const definition = { cron: '0 0 1 1 *', channel: 'a', request: 'http://example.com/' }
    expect(await requeuest.schedule('wrong', definition)).toEqual(newYear)
    expect(await find()).toMatchObject({ problem: null })
  },
)

test.each([
  ['last_run_at', '-infinity', -8.64e15],
  ['last_run_at', 'infinity', 8.64e15],
  ['last_run_at', '294276-12-31', 8.64e15],
  ['last_run_at', '0044-03-15 BC', Date.parse('-000043-03-15T00:00Z')],
  ['created_at', 'infinity', undefined],
  ['paused_at', '294276-12-31', 8.64e15],
  ['paused_at', '-infinity', -8.64e15],
])(
  'a moment that nobody could reckon with in %s, %s stops nothing that it does not pause, and is shown as a Date',
  async (column, moment, ms) => {
    await createAround({})
    await set(column, moment)
    const isPaused = column === 'paused_at'
    const [, shown] = await createRequeuest(prisma).schedules()
    const date = isPaused ? shown!.pausedAt : shown!.lastRunAt
    expect(date?.getTime()).toBe(ms)
    expect((await keeperOf().runOnce(0)).fired).toBe(isPaused ? 2 : 3)
    expect(told).toEqual([])
  },
)

test('a moment that nobody could reckon with is found by a worker as well when nothing else is due', async () => {
  await prisma.httpSchedule.create({ data: rowOf('wrong') })
  await set('next_run_at', 'infinity')
  const requeuest = createRequeuest(prisma)
  const error = nextEvent<RequeuestError>(requeuest, 'error')
  await requeuest.start({ channels: 'all' })
  expect((await error).code).toBe('invalid_schedule')
})

const set = (column: string, moment: string) =>
  prisma.$executeRawUnsafe(`UPDATE requeuest_schedule SET ${column} = '${moment}' WHERE name = 'wrong'`)

const cases: [string, Data][] = [
  ['a zone of a megabyte', { timezone: 'E'.repeat(1_000_000) }],
  ['an expression of a megabyte', { cron: '* '.repeat(500_000) }],
  ['no expression', { cron: '' }],
  ['a URL that is none', { url: 'nonsense' }],
  ['no URL', { url: '' }],
  ['another scheme', { url: 'file:///etc/passwd' }],
  ['a URL with a line break', { url: 'http://exa\nmple.com/' }],
  ['a method that is none', { method: 'GET /' }],
  ['no method', { method: '' }],
  ['a method that is not delivered', { method: 'CONNECT' }],
  ['headers that are null', { headers: Prisma.JsonNull as never }],
  ['headers that are an object', { headers: { a: 'b' } }],
  ['headers that are a number', { headers: 5 }],
  ['headers that are a text', { headers: 'a: b' }],
  ['headers of three', { headers: [['a', 'b', 'c']] }],
  ['a header of null', { headers: [['a', null]] }],
  ['a header with a line break', { headers: [['a', 'b\r\nc']] }],
  ['a header that frames the message', { headers: [['content-length', '5']] }],
  ['an accept set that names nothing', { accept: ['2xx', 'fine'] }],
  ['rules that are a list', { onStatus: [] }],
  ['rules that are a text', { onStatus: 'retry' }],
  ['a rule that names no action', { onStatus: { '4xx': 'perhaps' } }],
  ['a rule that names no status', { onStatus: { teapot: 'fail' } }],
  ['a key that nobody has', { encryptionKey: '' }],
]
test.each(cases)(
  'a row of one’s own that cannot be sent says so at once, and stops no other: %s, before its time',
  async (kind, data) => {
    await createAround({ ...data, nextRunAt: null })
    expect((await keeperOf().runOnce(0)).fired).toBe(2)
    if (kind !== 'a key that nobody has') expect((await find()).problem).not.toBe(null)
    expect(await spawnedOf()).toEqual(['a', 'z'])
  },
)

test.each(cases)(
  'a row of one’s own that cannot be sent says so at once, and stops no other: %s, when it is due',
  async (kind, data) => {
    await createAround(data)
    expect((await keeperOf().runOnce(0)).fired).toBe(2)
    if (kind !== 'a key that nobody has') expect((await find()).problem).not.toBe(null)
    expect(told).toHaveLength(1)
    expect(await spawnedOf()).toEqual(['a', 'z'])
  },
)

test.each<[string, Prisma.Sql]>([
  ['waits with a hole', Prisma.sql`backoff_delays_ms = '{1000,NULL}'`],
  ['waits of two dimensions', Prisma.sql`backoff_delays_ms = '{{1000,2000}}'`],
  ['an accept set with a hole', Prisma.sql`accept = '{2xx,NULL}'`],
  ['an accept set of two dimensions', Prisma.sql`accept = '{{2xx,404}}'`],
])(
  'a row of one’s own that cannot be sent says so at once, and stops no other: %s are refused when they are written',
  async (_, change) => {
    await createAround({})
    await expect(prisma.$executeRaw`UPDATE requeuest_schedule SET ${change}`).rejects.toThrow(
      'violates check constraint',
    )
  },
)

test.each<[string, Data]>([
  ['a renderer', { url: 'render://hook' }],
  ['a body with GET', { body: new Uint8Array(10) }],
  ['an accept set of one status', { accept: ['204'] }],
  ['the numbers at their ends', { priority: 0, maxAttempts: 2_147_483_647, backoffMaxMs: 0, jitterMs: 86_400_000 }],
  ['no waits', { backoffDelays: [] }],
  ['a method of its own', { method: 'PURGE' }],
])('a row of one’s own that cannot be sent says so at once, and stops no other: but %s is fine', async (_, data) => {
  await createAround(data)
  expect((await keeperOf().runOnce(0)).fired).toBe(3)
  expect(told).toEqual([])
})

test.each<[string, string, boolean]>([
  ['it is refused by what somebody added', "RAISE 'not on my watch'", true],
  ['a division by zero', 'PERFORM 1 / 0', true],
  ['a deadlock', "RAISE 'x' USING ERRCODE = '40P01'", false],
  ['a conflict of transactions', "RAISE 'x' USING ERRCODE = '40001'", false],
  ['a lock', "RAISE 'x' USING ERRCODE = '55P03'", false],
])('whatever comes of one schedule, the others of the look have their turn: %s', async (_, statement, isProblem) => {
  await createAround({})
  await onInsertOfWrong(statement)
  const keeper = keeperOf()
  const { fired, waitMs } = await keeper.runOnce(0)
  expect(fired).toBe(2)
  if (isProblem) {
    // The row may be locked for a moment still by the statement that was refused.
    await expect.poll(() => keeper.runOnce(0).then(() => find())).toMatchObject({ problem: expect.any(String) })
    return
  }
  expect((await find()).problem).toBeNull()
  expect(waitMs).toBeGreaterThan(500)
  expect(waitMs).toBeLessThanOrEqual(1000)
  expect(told).toEqual([])
})

test.each([
  ['a statement that takes too long', "RAISE 'x' USING ERRCODE = '57014'"],
  ['memory that is not there', "RAISE 'x' USING ERRCODE = '53200'"],
  ['an error inside of Postgres', "RAISE 'x' USING ERRCODE = 'XX000'"],
])(
  'whatever comes of one schedule, the others of the look have their turn: %s, which is reported',
  async (_, statement) => {
    await createAround({})
    await onInsertOfWrong(statement)
    const keeper = keeperOf()
    await expect(keeper.runOnce(0)).rejects.toThrow('The database refused: x')
    expect(await spawnedOf()).toEqual(['a', 'z'])
    expect((await find()).problem).toBe(null)
  },
)

test('whatever comes of one schedule, the others of the look have their turn: a database that is gone is not asked for each of them', async () => {
  await createAround({})
  await onInsert("RAISE 'x' USING ERRCODE = '53200'", 'true')
  const started: string[] = []
  const counting = prisma.$extends({
    query: {
      $allOperations: ({ args, query, operation }) => {
        started.push(operation)
        return query(args)
      },
    },
  }) as unknown as PrismaClient
  await expect(keeperOf(new Vault(null), counting).runOnce(0)).rejects.toThrow('The database refused: x')
  // To find them, and twice to read and to fire one.
  expect(started.filter((operation) => operation === '$queryRaw')).toHaveLength(5)
})

test('whatever comes of one schedule, the others of the look have their turn: lines that are locked hold up a look for less than a second in all, and are retried', async () => {
  const lines = Array.from({ length: 30 }, (_, index) => `k${index}`)
  await prisma.httpSchedule.createMany({
    data: [...lines.map((orderKey) => rowOf(`l${orderKey}`, { orderKey })), rowOf('z')],
  })
  const keeper = keeperOf()
  await connect(database.url).$transaction(
    async (tx) => {
      for (const orderKey of lines) {
        await tx.httpRequest.create({ data: { channel: 'a', orderKey, url: 'http://example.com/' } })
      }
      const startedAt = performance.now()
      const { fired, waitMs } = await keeper.runOnce(0)
      expect(fired).toBe(1)
      expect(performance.now() - startedAt).toBeLessThan(3000)
      expect(waitMs).toBeLessThanOrEqual(1000)
    },
    { timeout: 15_000 },
  )
  expect((await keeper.runOnce(0)).fired).toBe(30)
  expect(told).toEqual([])
})

const onInsertOfWrong = (statement: string) => onInsert(statement, `NEW.schedule = 'wrong'`)
async function onInsert(statement: string, when: string) {
  await prisma.$executeRawUnsafe(
    `CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${statement}; RETURN NEW; END $$`,
  )
  await prisma.$executeRawUnsafe(
    `CREATE TRIGGER mine BEFORE INSERT ON requeuest_request FOR EACH ROW WHEN (${when}) EXECUTE FUNCTION mine()`,
  )
  onTestFinished(async () => {
    await prisma.$executeRawUnsafe('DROP FUNCTION mine CASCADE')
  })
}

test('schedules whose key is missing do not hold the places of others, and are told of once', async () => {
  const encryption = { current: 'k', keys: { k: randomBytes(32).toString('base64') } }
  const other = { current: 'o', keys: { o: randomBytes(32).toString('base64') } }
  const requeuest = createRequeuest(prisma, { encryption: other })
  const many = Array.from({ length: 250 }, (_, index) => `m${index}`)
  for (const name of many) {
    const request = { url: 'http://example.com/', headers: { a: name } }
    await requeuest.schedule(name, { cron: '0 0 1 1 *', channel: 'a', request })
  }
  await prisma.httpSchedule.updateMany({ data: { nextRunAt: minutesAgo(5) } })
  await prisma.httpSchedule.create({ data: rowOf('z') })
  const keeper = keeperOf(new Vault(resolveKeys(encryption)))
  const round = async () => {
    const looks = [await keeper.runOnce(0)]
    while (looks.at(-1)!.waitMs === 0) looks.push(await keeper.runOnce(0))
    expect(looks.at(-1)!.waitMs === null || looks.at(-1)!.waitMs! > 0).toBe(true)
    return looks.reduce((sum, look) => sum + look.fired, 0)
  }
  expect(await round()).toBe(1)
  expect(told).toHaveLength(250)
  expect(await round()).toBe(0)
  expect(told).toHaveLength(250)
  const holder = keeperOf(new Vault(resolveKeys(other)))
  let fired = 0
  for (let i = 0; i < 3; i++) fired += (await holder.runOnce(0)).fired
  expect(fired).toBe(250)
}, 30_000)

test('of large bodies that are encrypted, no more are sent to the database at once than it takes', async () => {
  const encryption = { current: 'k', keys: { k: randomBytes(32).toString('base64') } }
  const requeuest = createRequeuest(prisma, { encryption, maxBodyBytes: 10_000_000 })
  const request = { method: 'POST', url: 'http://example.com/', body: randomBytes(6_000_000) } as const
  await requeuest.schedule('large', { cron: '* * * * *', channel: 'a', catchUp: 'all', request })
  await prisma.httpSchedule.updateMany({ data: { nextRunAt: minutesAgo(4) } })
  const keeper = keeperOf(new Vault(resolveKeys(encryption)))
  expect(await keeper.runOnce(0)).toEqual({ fired: 2, waitMs: 0 })
  expect(await keeper.runOnce(0)).toEqual({ fired: 2, waitMs: 0 })
  expect((await keeper.runOnce(0)).fired).toBeGreaterThan(0)
}, 30_000)

test.each<[string, string]>([
  ['* * * * * *', 'UTC'],
  ['* * * * *', 'Europe/Berlin'],
])(
  'catching up each of %s from the year 1 ends after 10 000 times, tells what it left out, and holds up nobody',
  async (cron, timezone) => {
    const nextRunAt = new Date('0001-01-01T00:00:00.000Z')
    await createAround({ cron, timezone, catchUp: 'all', nextRunAt })
    const keeper = keeperOf()
    const startedAt = performance.now()
    const first = await keeper.runOnce(0)
    expect(performance.now() - startedAt).toBeLessThan(5000)
    expect(first).toEqual({ fired: 102, waitMs: 0 })
    expect(told).toEqual([
      expect.stringMatching(
        /^warning: The schedule "wrong" has missed more than 10000 times since 0001-01-01T00:00:00.000Z: those before .* do not fire.$/,
      ),
    ])
    await prisma.httpSchedule.createMany({ data: [rowOf('b'), rowOf('y')] })
    expect((await keeper.runOnce(0)).fired).toBe(102)
    expect(told).toHaveLength(1)
    const [oldest] = await prisma.httpRequest.findMany({
      where: { schedule: 'wrong' },
      orderBy: { scheduledFor: 'asc' },
      take: 1,
    })
    const stepMs = cron === '* * * * *' ? 60_000 : 1000
    const missed = (Date.now() - oldest!.scheduledFor!.getTime()) / stepMs
    expect(missed).toBeGreaterThan(9_999)
    expect(missed).toBeLessThan(10_050)
  },
)

test('catching up any number of them, by turns: none waits for the whole of another', async () => {
  const behind = Array.from({ length: 120 }, (_, index) =>
    rowOf(`b${index}`, { cron: '* * * * *', catchUp: 'all', nextRunAt: minutesAgo(150) }),
  )
  await prisma.httpSchedule.createMany({ data: [...behind, rowOf('z')] })
  const keeper = keeperOf()
  await keeper.runOnce(0)
  await keeper.runOnce(0)
  const counts = await prisma.httpRequest.groupBy({ by: ['schedule'], _count: true })
  expect(counts).toHaveLength(121)
  expect(Math.max(...counts.map(({ _count }) => _count))).toBe(100)
}, 30_000)

test.each(['once', 'skip'] as const)('catching up %s from the year 1 takes no time', async (catchUp) => {
  const nextRunAt = new Date('0001-01-01T00:00:00.000Z')
  await createAround({ cron: '30 6 29 2 *', timezone: 'Europe/Berlin', catchUp, nextRunAt })
  const startedAt = performance.now()
  expect((await keeperOf().runOnce(0)).fired).toBe(catchUp === 'once' ? 3 : 2)
  expect(performance.now() - startedAt).toBeLessThan(5000)
})

test('a database that lacks the characters of what is wrong is told the rest', async () => {
  const name = `latin1_${process.pid}`
  const url = await asAdmin(inject('serverUrl'), async (client) => {
    await client.query(`CREATE DATABASE ${name} ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`)
    return databaseUrl(inject('serverUrl'), name)
  })
  await migrateDeploy(url)
  prisma = connect(url)
  await createAround({ cron: 'never '.repeat(20) })
  expect((await keeperOf().runOnce(0)).fired).toBe(2)
  expect((await find()).problem).toMatch(/, got "never never .*\?" \(120 characters\)\.$/)
}, 60_000)

test('a worker delivers what is on time while another schedule is broken in a way of its own', async () => {
  const receiver = await receiverOf()
  await createAround({ headers: { no: 'pairs' } })
  await prisma.httpSchedule.updateMany({ where: { name: { not: 'wrong' } }, data: { url: receiver.url } })
  const requeuest = createRequeuest(prisma)
  const error = nextEvent<RequeuestError>(requeuest, 'error')
  await requeuest.start({ channels: ['a'] })
  expect((await error).message).toContain('The schedule "wrong" cannot fire: the headers cannot be used')
  await vi.waitUntil(() => receiver.requests.length === 2, { timeout: 10_000 })
})
