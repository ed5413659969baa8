import { expect, inject, test } from 'vitest'
import { http, type RequeuestEvents } from '../../src/index.ts'
import { createDatabase } from '../support/databases.ts'
import { nextEvent } from '../support/factory.ts'
import { connect, createRequeuest, freshDatabase, receiverOf } from '../support/fixture.ts'
import { prismaCommand } from '../support/migrate.ts'

test('the whole path keeps true time in a database of another zone, and start() warns of it', async () => {
  const url = await freshDatabase()
  const setup = connect(url)
  await setup.$executeRaw`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET timezone TO ''Asia/Tokyo''', current_database()); END $$`
  const prisma = connect(url)
  const receiver = await receiverOf((_, index) => (index === 0 ? { status: 503 } : {}))
  const requeuest = createRequeuest(prisma)
  const warned = nextEvent<RequeuestEvents['warning']>(requeuest, 'warning')
  await requeuest.start({ channels: ['a'] })
  expect((await warned).message).toMatch(/time zone Asia\/Tokyo.*timezone TO 'UTC'/)

  const before = Date.now()
  const runAt = new Date(before + 500)
  const id = await requeuest.spawn('a', http.get(receiver.url), { runAt, expiresAt: new Date(before + 60_000) })
  await requeuest.waitFor(id)
  const found = (await requeuest.find(id))!
  const near = (date: Date) => expect(Math.abs(date.getTime() - before)).toBeLessThan(15_000)
  near(found.createdAt)
  near(found.finishedAt!)
  for (const attempt of found.attempts) near(attempt.startedAt)
  expect(found.attempts[0]!.startedAt.getTime()).toBeGreaterThanOrEqual(runAt.getTime())
  expect(found.attempts.map((attempt) => attempt.outcome)).toEqual(['rejected', 'accepted'])
})

test('does not warn in UTC', async () => {
  const requeuest = createRequeuest(connect(await freshDatabase()))
  const warnings: unknown[] = []
  requeuest.on('warning', (warning) => warnings.push(warning))
  await requeuest.start({ channels: ['a'] })
  expect(warnings).toEqual([])
})

test('warns of a database that only takes reads', async () => {
  const url = await freshDatabase()
  const requeuest = createRequeuest(connect(url, { options: '-c default_transaction_read_only=on' }))
  requeuest.on('error', () => {})
  const warned = nextEvent<RequeuestEvents['warning']>(requeuest, 'warning')
  await requeuest.start({ channels: ['a'] })
  expect((await warned).message).toContain('is read-only')
})

test('a database without the tables is refused with what to do about it', async () => {
  const prisma = connect(await createDatabase(inject('serverUrl'), `bare_${process.pid}`))
  const requeuest = createRequeuest(prisma)
  const refusal = { code: 'not_migrated', message: expect.stringContaining('prisma migrate deploy') }
  await expect(requeuest.start({ channels: ['a'] })).rejects.toMatchObject(refusal)
  await expect(requeuest.spawn('a', 'http://a.test/')).rejects.toMatchObject(refusal)
  await expect(requeuest.clear('all')).rejects.toMatchObject(refusal)
})

test.each([
  'requeuest_redrive(uuid, integer, double precision)',
  'requeuest_unblock_next(text, text, bigint, boolean)',
  'requeuest_body_text(bytea)',
])('a database that lacks the latest migration is refused as well: %s', async (missing) => {
  const prisma = connect(await freshDatabase())
  await prisma.$executeRawUnsafe(`DROP FUNCTION ${missing} CASCADE`)
  const starting = createRequeuest(prisma).start({ channels: ['a'] })
  const message = expect.stringContaining('not all that its migrations create: run `prisma migrate deploy`')
  await expect(starting).rejects.toMatchObject({ code: 'not_migrated', message })
})

test('a database whose tables `prisma db push` has made is refused with what is missing, and with what mends it', async () => {
  const url = await createDatabase(inject('serverUrl'), `pushed_${process.pid}`)
  await prismaCommand(url, 'db', 'push')
  const prisma = connect(url)
  const requeuest = createRequeuest(prisma)
  await expect(requeuest.start({ channels: ['a'] })).rejects.toMatchObject({
    code: 'not_migrated',
    message:
      'The schema "public" of the database has Requeuest\'s tables, but none of its triggers and functions: `prisma db push` ' +
      'creates only tables. `await requeuest.migrate()` adds what is missing; `prisma migrate deploy` refuses a database that was ' +
      'pushed to.',
  })
  await requeuest.migrate()
  await requeuest.start({ channels: ['a'] })
  const receiver = await receiverOf()
  const order = { order: 'channel' } as const
  const ids = [await requeuest.spawn('a', receiver.url, order), await requeuest.spawn('a', receiver.url, order)]
  for (const id of ids) expect(await requeuest.waitFor(id)).toMatchObject({ status: 200 })
})
