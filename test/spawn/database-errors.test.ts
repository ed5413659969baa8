import { once } from 'node:events'
import { createServer } from 'node:net'
import { beforeAll, describe, expect, inject, test } from 'vitest'
import type { Requeuest } from '../../src/index.ts'
import { RequeuestError } from '../../src/index.ts'
import { createDatabase } from '../support/databases.ts'
import { connect, createRequeuest } from '../support/fixture.ts'

const ID = '019ab000-0000-7000-8000-000000000000'
const URL_TEXT = 'https://example.com/'

/** Every method that asks the database and does not wait. */
const CALLS: [string, (requeuest: Requeuest) => Promise<unknown>][] = [
  ['spawn', (requeuest) => requeuest.spawn('billing', URL_TEXT)],
  ['spawn in a line', (requeuest) => requeuest.spawn('billing', URL_TEXT, { order: 'channel' })],
  ['spawnMany', (requeuest) => requeuest.spawnMany('billing', [URL_TEXT])],
  ['spawnReturning', (requeuest) => requeuest.spawnReturning('billing', URL_TEXT)],
  ['find', (requeuest) => requeuest.find(ID)],
  ['clear', (requeuest) => requeuest.clear('all')],
  ['cancel', (requeuest) => requeuest.cancel(ID)],
  ['reschedule', (requeuest) => requeuest.reschedule(ID, new Date())],
  ['retarget', (requeuest) => requeuest.retarget(ID, { headers: {} })],
  ['redrive', (requeuest) => requeuest.redrive({ state: 'failed' })],
  ['spawn with a key', (requeuest) => requeuest.spawn('billing', URL_TEXT, { dedupe: { key: 'one' } })],
  ['release', (requeuest) => requeuest.release({ channel: 'billing' })],
  ['start', (requeuest) => requeuest.start({ channels: 'all' })],
]

const failure = (call: Promise<unknown>) =>
  call.then(
    () => new Error('it was let through'),
    (error: unknown) => error as RequeuestError,
  )

describe('a database without the tables', () => {
  let url: string
  beforeAll(async () => {
    url = await createDatabase(inject('serverUrl'), `empty_${process.pid}_${Date.now().toString(36)}`)
  })

  test.each(CALLS)('is told with the way out by %s', async (name, call) => {
    const error = await failure(call(createRequeuest(connect(url))))
    expect(error).toBeInstanceOf(RequeuestError)
    expect(error).toMatchObject({ code: 'not_migrated' })
    expect(error.message).toContain('run `prisma migrate deploy` (or `await requeuest.migrate()`)')
    // start() asks for the tables; all others run into their absence.
    if (name !== 'start') expect(error.cause).toBeInstanceOf(Error)
  })

  test('is told by a spawn in a transaction, too', async () => {
    const prisma = connect(url)
    const requeuest = createRequeuest(prisma)
    const error = await failure(prisma.$transaction((tx) => requeuest.spawn('billing', URL_TEXT, { tx })))
    expect(error).toMatchObject({ code: 'not_migrated' })
  })

  test('can be started on once it is migrated', async () => {
    const migrated = await createDatabase(inject('serverUrl'), `late_${process.pid}_${Date.now().toString(36)}`)
    const requeuest = createRequeuest(connect(migrated))
    expect(await failure(requeuest.start({ channels: 'all' }))).toMatchObject({ code: 'not_migrated' })
    await requeuest.migrate()
    await requeuest.start({ channels: 'all' })
  })
})

describe('a server that is gone', () => {
  let url: string
  beforeAll(async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    server.close()
    await once(server, 'close')
    url = `postgresql://user:S3CRET@127.0.0.1:${port}/db`
  })

  test.each(CALLS)('is a database error with its cause in %s', async (_, call) => {
    const error = await failure(call(createRequeuest(connect(url))))
    expect(error).toBeInstanceOf(RequeuestError)
    expect(error).toMatchObject({ code: 'database_error' })
    expect(error.cause).toBeInstanceOf(Error)
    expect(error.message).toMatch(/^The database gave no answer: .{5,}/)
    expect(error.message).not.toContain('S3CRET')
  })

  test('does not keep bad input from being told', async () => {
    const error = await failure(createRequeuest(connect(url)).spawn('', URL_TEXT))
    expect(error).toMatchObject({ code: 'invalid_input', field: 'channel' })
  })
})
