import { randomBytes } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { http, type RequeuestError, type ScheduleDefinition, type ScheduleOptions } from '../../src/index.ts'
import { nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const URL_TEXT = 'https://example.com/report'
const yearly = { cron: '0 0 1 1 *', channel: 'reports', request: URL_TEXT } satisfies ScheduleDefinition
const newYear = new Date(Date.UTC(new Date().getUTCFullYear() + 1, 0))

const find = (name = 'report') => database.prisma.httpSchedule.findUniqueOrThrow({ where: { name } })

test('a schedule is written with its next time, which is told', async () => {
  const requeuest = createRequeuest(database.prisma)
  expect(await requeuest.schedule('report', yearly)).toEqual(newYear)
  expect(await find()).toMatchObject({
    ...{ cron: '0 0 1 1 *', timezone: 'UTC', channel: 'reports', method: 'GET', url: URL_TEXT, catchUp: 'once' },
    ...{ jitterMs: 0, nextRunAt: newYear, lastRunAt: null, pausedAt: null, problem: null, headers: [], body: null },
    ...{ expiresAfterMs: null, priority: 5, orderKey: null, backoffBaseMs: 20, backoffJitter: 'none' },
  })
  const vienna = await requeuest.schedule('report', { ...yearly, timezone: 'Europe/Vienna' })
  expect(vienna!.getTime()).toBe(newYear.getTime() - 3_600_000)
})

test('all that can be said of it arrives in the row', async () => {
  const requeuest = createRequeuest(database.prisma)
  const request = http.post(URL_TEXT, { headers: { 'x-a': 'one' }, json: { a: 1 } })
  await requeuest.schedule(
    'report',
    { ...yearly, request, catchUp: 'all', jitter: 5000 },
    {
      ...{ priority: 1, order: { key: 'k', afterFailure: 'hold' }, accept: [404], timeout: 9, maxRedirects: 2 },
      ...{ retry: { maxAttempts: 3, backoff: { base: 1, factor: 3, max: 4, jitter: 'equal' } }, expiresAfter: 70_000 },
    },
  )
  const row = await find()
  expect(row).toMatchObject({
    ...{ catchUp: 'all', jitterMs: 5000, method: 'POST', priority: 1, orderKey: 'k', afterFailure: 'hold' },
    ...{ accept: ['404'], timeoutMs: 9, maxRedirects: 2, maxAttempts: 3, expiresAfterMs: 70_000, backoffBaseMs: 1 },
    ...{ backoffFactor: 3, backoffMaxMs: 4, backoffJitter: 'equal' },
    headers: [
      ['x-a', 'one'],
      ['content-type', 'application/json'],
    ],
  })
  expect(String(Buffer.from(row.body!))).toBe('{"a":1}')
  await requeuest.schedule('report', yearly)
  expect(await find()).toMatchObject({ catchUp: 'once', body: null, orderKey: null, expiresAfterMs: null, headers: [] })
})

test('an application that writes it again at its start loses no time that is yet to be caught up with', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.schedule('report', yearly)
  const missed = new Date(Math.floor(Date.now() / 1000) * 1000 - 7_200_000)
  await database.prisma.httpSchedule.updateMany({ data: { nextRunAt: missed } })
  const other = { ...yearly, request: `${URL_TEXT}/2` }
  expect(await requeuest.schedule('report', other)).toEqual(missed)
  expect(await find()).toMatchObject({ nextRunAt: missed, url: `${URL_TEXT}/2` })
  expect(await requeuest.schedule('report', { ...yearly, cron: '0 0 1 1 * ' })).toEqual(newYear)
  expect((await find()).nextRunAt).toEqual(newYear)
})

test('pause, resume and unschedule say whether there was something to do', async () => {
  const requeuest = createRequeuest(database.prisma)
  expect(await requeuest.pauseSchedule('report')).toBe(false)
  expect(await requeuest.resumeSchedule('report')).toBe(false)
  expect(await requeuest.unschedule('report')).toBe(false)
  await requeuest.schedule('report', yearly)
  expect(await requeuest.resumeSchedule('report')).toBe(false)
  expect(await requeuest.pauseSchedule('report')).toBe(true)
  expect(await requeuest.pauseSchedule('report')).toBe(false)
  expect(await find()).toMatchObject({ nextRunAt: null, pausedAt: expect.any(Date) })
  expect(await requeuest.schedule('report', { ...yearly, cron: '@daily' })).toBe(null)
  expect(await find()).toMatchObject({ nextRunAt: null, cron: '@daily', pausedAt: expect.any(Date) })
  expect(await requeuest.resumeSchedule('report')).toBe(true)
  const [listed] = await requeuest.schedules()
  expect(listed!.nextRunAt!.getTime()).toBeLessThanOrEqual(Date.now() + 86_400_000)
  expect(await requeuest.unschedule('report')).toBe(true)
  expect(await requeuest.schedules()).toEqual([])
})

test('runSchedule fires a schedule now, and its next time is the next of its expression', async () => {
  const requeuest = createRequeuest(database.prisma)
  expect(await requeuest.runSchedule('report')).toBe(false)
  await requeuest.schedule('report', yearly)
  await requeuest.start({ channels: ['elsewhere'] })
  expect(await requeuest.runSchedule('report')).toBe(true)
  await vi.waitUntil(async () => (await database.prisma.httpRequest.count({ where: { schedule: 'report' } })) === 1)
  expect(await find()).toMatchObject({ nextRunAt: newYear, lastRunAt: expect.any(Date) })
  await requeuest.pauseSchedule('report')
  expect(await requeuest.runSchedule('report')).toBe(false)
})

test('schedules() tells of each by name, of those that no worker has seen as well', async () => {
  const requeuest = createRequeuest(database.prisma)
  await requeuest.schedule('b', { ...yearly, timezone: 'Asia/Tokyo', jitter: 7 })
  await database.prisma.httpSchedule.createMany({
    data: [
      { name: 'a', cron: '0 0 1 1 *', channel: 'reports', url: URL_TEXT, method: 'PUT' },
      { name: 'c', cron: 'never', channel: 'reports', url: URL_TEXT },
    ],
  })
  const common = { channel: 'reports', url: URL_TEXT, catchUp: 'once', lastRunAt: null, pausedAt: null, problem: null }
  expect(await requeuest.schedules()).toEqual([
    { ...common, name: 'a', cron: '0 0 1 1 *', timezone: 'UTC', method: 'PUT', jitterMs: 0, nextRunAt: newYear },
    {
      ...{ ...common, name: 'b', cron: '0 0 1 1 *', timezone: 'Asia/Tokyo', method: 'GET', jitterMs: 7 },
      nextRunAt: new Date(newYear.getTime() - 9 * 3_600_000),
    },
    {
      ...{ ...common, name: 'c', cron: 'never', timezone: 'UTC', method: 'GET', jitterMs: 0, nextRunAt: null },
      problem: expect.stringContaining('it has 1'),
    },
  ])
})

test('a change is part of the transaction that it is given', async () => {
  const requeuest = createRequeuest(database.prisma)
  const failure = new Error('changed my mind')
  const rolledBack = database.prisma.$transaction(async (tx) => {
    expect(await requeuest.schedule('report', yearly, { tx })).toEqual(newYear)
    throw failure
  })
  await expect(rolledBack).rejects.toBe(failure)
  expect(await requeuest.schedules()).toEqual([])
  await requeuest.schedule('report', yearly)
  const undone = database.prisma.$transaction(async (tx) => {
    expect(await requeuest.pauseSchedule('report', { tx })).toBe(true)
    expect(await requeuest.resumeSchedule('report', { tx })).toBe(true)
    expect(await requeuest.unschedule('report', { tx })).toBe(true)
    throw failure
  })
  await expect(undone).rejects.toBe(failure)
  expect(await find()).toMatchObject({ nextRunAt: newYear, pausedAt: null })
  let over: unknown
  await database.prisma.$transaction(async (tx) => {
    over = tx
  })
  const late = requeuest.unschedule('report', { tx: over as never })
  await expect(late).rejects.toMatchObject({ code: 'transaction_closed' })
})

test('a started worker fires at the time, and each request says from where it comes', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['reports'] })
  const definition = { cron: '* * * * * *', channel: 'reports', request: http.post(receiver.url, { body: 'tick' }) }
  const first = await requeuest.schedule('tick', definition)
  await receiver.waitForRequests(3)
  await requeuest.unschedule('tick')
  const fired = await database.prisma.httpRequest.findMany({ orderBy: { scheduledFor: 'asc' } })
  expect(fired[0]!.scheduledFor).toEqual(first)
  for (const [index, { id, schedule, scheduledFor, createdAt }] of fired.entries()) {
    expect(schedule).toBe('tick')
    expect(scheduledFor!.getTime()).toBe(first!.getTime() + index * 1000)
    expect(createdAt.getTime()).toBeGreaterThanOrEqual(scheduledFor!.getTime())
    expect(createdAt.getTime() - scheduledFor!.getTime()).toBeLessThan(900)
    if (index < 3) expect(receiver.requests[index]!.headers['idempotency-key']).toBe(id)
  }
  expect(receiver.requests.slice(0, 3).map(({ body }) => String(body))).toEqual(['tick', 'tick', 'tick'])
})

test('a row that is written elsewhere is found, however far away the next known time is', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.start({ channels: ['reports'] })
  const create = (name: string) =>
    database.prisma.httpSchedule.create({
      data: { name, cron: '@daily', channel: 'reports', url: receiver.url, nextRunAt: new Date() },
    })
  await create('one')
  await receiver.waitForRequests(1)
  await create('two')
  await receiver.waitForRequests(2)
})

const k1 = randomBytes(32)
const k2 = randomBytes(32)
const sealed = { encryption: { keys: { k1 }, current: 'k1' } }
const letter = (url: string) => http.post(url, { headers: { 'x-token': 'canary-token' }, body: 'canary-body' })

test('with encryption, what it sends is readable neither in its row nor in those of its requests', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma, sealed)
  await requeuest.schedule('secret', { ...yearly, request: letter(receiver.url) })
  await database.prisma.httpSchedule.updateMany({ data: { nextRunAt: new Date(0), catchUp: 'once' } })
  const lacking = createRequeuest(database.prisma, { encryption: { keys: { k2 }, current: 'k2' } })
  const reported = nextEvent<RequeuestError>(lacking, 'error')
  await lacking.start({ channels: ['none'] })
  expect(await reported).toMatchObject({
    code: 'encryption_key_missing',
    message: expect.stringContaining('schedule/secret'),
  })
  await lacking.stop()
  expect(await find('secret')).toMatchObject({ problem: null, nextRunAt: new Date(0), encryptionKey: 'k1' })

  await requeuest.start({ channels: 'all' })
  const [received] = await receiver.waitForRequests(1)
  expect([String(received!.body), received!.headers['x-token']]).toEqual(['canary-body', 'canary-token'])
  const rows = await database.prisma.$queryRaw<{ row: string }[]>`
    SELECT concat(to_jsonb(request), encode(body, 'escape')) AS row FROM requeuest_request AS request
    UNION ALL SELECT concat(to_jsonb(schedule), encode(body, 'escape')) FROM requeuest_schedule AS schedule`
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toContain('canary')
  const opened = requeuest.decrypt(await find('secret'))
  expect(opened).toMatchObject({ name: 'secret', encryptionKey: null })
  expect(opened.headers).toContainEqual(['x-token', 'canary-token'])
  expect(String(Buffer.from(opened.body!))).toBe('canary-body')
})

test('rotation brings schedules to the current key as well', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma, sealed)
  await requeuest.schedule('secret', { ...yearly, request: letter(receiver.url) })
  await requeuest.schedule('empty', { ...yearly, request: http.get(receiver.url, { headers: { 'x-token': 'a' } }) })
  const rotated = createRequeuest(database.prisma, { encryption: { keys: { k1, k2 }, current: 'k2' } })
  await rotated.start({ channels: ['none'] })
  const left = () => database.prisma.httpSchedule.count({ where: { encryptionKey: 'k1' } })
  await vi.waitUntil(async () => (await left()) === 0, { timeout: 15_000 })
  expect(String(Buffer.from(rotated.decrypt(await find('secret')).body!))).toBe('canary-body')
  expect(rotated.decrypt(await find('empty'))).toMatchObject({ headers: [['x-token', 'a']], body: null })
})

const wrong = (value: unknown) => value as never
test.each<[string, unknown, unknown, unknown, string, string]>([
  ['no name', '', yearly, {}, 'name', 'a text of 1 to 200'],
  ['a name of 201 characters', 'x'.repeat(201), yearly, {}, 'name', 'a text of 1 to 200'],
  ['no definition', 'a', undefined, {}, 'schedule', "an object such as { cron: '@daily'"],
  ['a text as definition', 'a', '@daily', {}, 'schedule', 'an object'],
  ['a misspelt key', 'a', { ...yearly, timeZone: 'UTC' }, {}, 'schedule.timeZone', 'did you mean `timezone`'],
  ['a spawn option in the wrong place', 'a', { ...yearly, priority: 1 }, {}, 'schedule.priority', 'omitted'],
  ['no expression', 'a', { ...yearly, cron: undefined }, {}, 'schedule.cron', 'got nothing'],
  ['a bad expression', 'a', { ...yearly, cron: '* 24 * * *' }, {}, 'schedule.cron', 'hour: Constraint error'],
  ['a day that never comes', 'a', { ...yearly, cron: '0 0 31 2 *' }, {}, 'schedule.cron', 'day of month'],
  ['a bad zone', 'a', { ...yearly, timezone: 'Europe/Atlantis' }, {}, 'schedule.timezone', 'IANA time zone'],
  ['a zone of null', 'a', { ...yearly, timezone: null }, {}, 'schedule.timezone', 'got null'],
  ['no channel', 'a', { ...yearly, channel: '' }, {}, 'schedule.channel', 'a text of 1 to 200'],
  ['no request', 'a', { ...yearly, request: undefined }, {}, 'schedule.request', 'a URL, a Request or'],
  ['a bad URL', 'a', { ...yearly, request: 'mailto:a@b.c' }, {}, 'schedule.request.url', 'http or https URL'],
  ['a bad catchUp', 'a', { ...yearly, catchUp: 'none' }, {}, 'schedule.catchUp', "'skip', 'once', 'all'"],
  ['a jitter by an old name', 'a', { ...yearly, jitterMs: 5 }, {}, 'schedule.jitterMs', 'did you mean `jitter`?'],
  ['a negative jitter', 'a', { ...yearly, jitter: -1 }, {}, 'schedule.jitter', 'from 0 ms to 1 day'],
  ['a jitter of two days', 'a', { ...yearly, jitter: 172_800_000 }, {}, 'schedule.jitter', 'to 1 day'],
  ['options that are null', 'a', yearly, null, 'options', 'an object'],
  ['an unknown option', 'a', yearly, { retries: 1 }, 'options.retries', 'omitted'],
  ['an id', 'a', yearly, { id: '019ab000-0000-7000-8000-000000000000' }, 'options.id', 'there are many spawns'],
  ['a delay', 'a', yearly, { delay: 1 }, 'options.delay', 'there are many spawns'],
  ['a time', 'a', yearly, { runAt: new Date() }, 'options.runAt', 'there are many spawns'],
  ['an expiry', 'a', yearly, { expiresAt: new Date() }, 'options.expiresAt', 'there are many spawns'],
  ['no attempts', 'a', yearly, { retry: { maxAttempts: 0 } }, 'options.retry.maxAttempts', 'from 1'],
  ['a tx that is none', 'a', yearly, { tx: {} }, 'options.tx', 'the client of a running Prisma transaction'],
])('%s is refused before anything is written', async (_, name, definition, options, field, message) => {
  const requeuest = createRequeuest(database.prisma)
  const call = requeuest.schedule(wrong(name), wrong(definition), options as ScheduleOptions)
  await expect(call).rejects.toMatchObject({ code: 'invalid_input', field, message: expect.stringContaining(message) })
  expect(await database.prisma.httpSchedule.count()).toBe(0)
})

test.each<[string, unknown, unknown, string]>([
  ['no name', 5, {}, 'name'],
  ['options that are null', 'a', null, 'options'],
  ['an unknown option', 'a', { trx: 1 }, 'options.trx'],
  ['a tx that is none', 'a', { tx: 5 }, 'options.tx'],
])('%s is refused by what changes a schedule', async (_, name, options, field) => {
  const requeuest = createRequeuest(database.prisma)
  for (const method of ['unschedule', 'pauseSchedule', 'resumeSchedule', 'runSchedule'] as const) {
    const call = requeuest[method](wrong(name), wrong(options))
    await expect(call).rejects.toMatchObject({ code: 'invalid_input', field })
  }
})
