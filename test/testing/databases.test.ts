import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, expect, inject, onTestFinished, test, vi } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { http, InvalidInputError, RequeuestError } from '../../src/index.ts'
import { saysForTests } from '../../src/testing/guard.ts'
import { createTestDatabase, ExpectationError, receiver, resetDatabase, testing } from '../../src/testing/index.ts'
import { asAdmin, createDatabase } from '../support/databases.ts'
import { connect, createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'https://api.example.com/bills'

afterEach(() => void vi.unstubAllEnvs())

/** Of everything that the library writes. */
async function fill() {
  const requeuest = createRequeuest(database.prisma)
  for (const channel of ['billing', 'mails']) {
    await requeuest.spawn(channel, url, { order: { key: 'a' } })
    await requeuest.schedule(`${channel} daily`, { cron: '@daily', channel, request: http.get(url) })
    await requeuest.pause({ channel })
    await requeuest.pause({ origin: `https://${channel}.example.com` })
  }
  return requeuest
}

async function counts() {
  const { httpRequest, httpSchedule, httpLine, httpLimit } = database.prisma
  return Promise.all([httpRequest.count(), httpSchedule.count(), httpLine.count(), httpLimit.count()])
}

test('a reset of the database empties the tables of the library, and no others', async () => {
  await fill()
  await database.prisma.$executeRaw`CREATE TABLE orders AS SELECT 17 AS id`
  expect(await counts()).toEqual([2, 2, 2, 4])
  await resetDatabase(database.prisma)
  expect(await counts()).toEqual([0, 0, 0, 0])
  expect(await database.prisma.$queryRaw`SELECT id FROM orders`).toEqual([{ id: 17 }])
})

test('a reset of a kit with channels leaves the others as they are, and resets its receivers', async () => {
  const requeuest = await fill()
  await requeuest.pause({ origin: url })
  const api = await receiver([500, 200])
  await fetch(api.url)
  const kit = testing(requeuest, { channels: ['billing'], receivers: [api] })
  await kit.reset()
  // The origin of the requests was one of this channel as well.
  expect(await counts()).toEqual([1, 1, 1, 3])
  expect(await database.prisma.httpRequest.findMany()).toMatchObject([{ channel: 'mails' }])
  expect(api.requests).toEqual([])
  await kit[Symbol.asyncDispose]()
  await expect(fetch(api.url)).rejects.toThrow('fetch failed')
})

test('nothing is changed in a database that may not be one for tests, unless it is named', async () => {
  const prisma = connect(await createDatabase(inject('serverUrl'), 'orders_latest', inject('templateName')))
  const requeuest = createRequeuest(prisma)
  await requeuest.spawn('billing', url)
  const kit = testing(requeuest)
  for (const change of [() => resetDatabase(prisma), () => kit.reset(), () => kit.advance('1h')]) {
    await expect(change()).rejects.toThrow('Nothing was changed in the database "orders_latest"')
  }
  await expect(resetDatabase(prisma, { database: 'orders' })).rejects.toThrow(ExpectationError)
  expect(await prisma.httpRequest.count()).toBe(1)
  await testing(requeuest, { database: 'orders_latest' }).advance('1h')
  await resetDatabase(prisma, { database: 'orders_latest' })
  expect(await prisma.httpRequest.count()).toBe(0)
})

test.each([
  ['test', true],
  ['tests', true],
  ['Test1', true],
  ['testdb', true],
  ['testing-2', true],
  ['app_test_42', true],
  ['testimonials', false],
  ['app-testament', false],
  ['contest', false],
])('whether the name %j says that a database is for tests: %j', (name, says) => {
  expect(saysForTests(name)).toBe(says)
})

test('nothing is changed in production, whatever the database is called', async () => {
  vi.stubEnv('NODE_ENV', 'production')
  await expect(resetDatabase(database.prisma)).rejects.toThrow('NODE_ENV is production')
})

test('a test database is a copy of its template, and gone when it is dropped', async () => {
  const own = await createTestDatabase({ url: inject('serverUrl'), template: inject('templateName') })
  onTestFinished(() => own.drop())
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: own.url }) })
  await createRequeuest(prisma).spawn('billing', url)
  await resetDatabase(prisma)
  await prisma.$disconnect()
  const names = () =>
    asAdmin(
      inject('serverUrl'),
      async (client) =>
        (await client.query('SELECT datname FROM pg_database WHERE datname = $1', [own.name])).rows.length,
    )
  expect(await names()).toBe(1)
  await own.drop()
  expect(await names()).toBe(0)
  await own.drop()
})

test('a test database without a template is empty, and can be the template of others', async () => {
  await using empty = await createTestDatabase({ url: inject('serverUrl') })
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: empty.url }) })
  await createRequeuest(prisma).migrate()
  await prisma.$disconnect()
  await using copy = await createTestDatabase({ url: empty.url, template: empty.name })
  await createRequeuest(connect(copy.url)).spawn('billing', url)
})

test('a test database that cannot be created says why', async () => {
  const missing = createTestDatabase({ url: inject('serverUrl'), template: 'nobody' })
  await expect(missing).rejects.toThrow('template database "nobody" does not exist')
  await expect(missing).rejects.toBeInstanceOf(RequeuestError)
  await expect(createTestDatabase({ url: 'nowhere' })).rejects.toThrow(InvalidInputError)
  await expect(createTestDatabase({ url: inject('serverUrl'), templat: 'a' } as never)).rejects.toThrow('templat')
})
