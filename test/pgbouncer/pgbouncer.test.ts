import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { http, Requeuest, type RequeuestError } from '../../src/index.ts'
import { PgClient } from '../../src/store/pg-client.ts'
import { createDatabase } from '../support/databases.ts'
import { createRequeuest, freshDatabase, receiverOf } from '../support/fixture.ts'
import { hasPgBouncer, type PgBouncer, startPgBouncer } from '../support/pgbouncer.ts'

if (!hasPgBouncer) console.warn('There is no `pgbouncer` on this machine, so what needs one is not tested.')

describe.skipIf(!hasPgBouncer).each([20, 1])(
  'through PgBouncer in transaction mode, with %i connections',
  (poolSize) => {
    let bouncer: PgBouncer
    beforeAll(async () => {
      bouncer = await startPgBouncer(inject('serverUrl'), poolSize)
    })
    afterAll(() => bouncer?.stop())

    const client = (url: string) => {
      // As docs/guarantees.md advises: between two listeners a connection that is cut off would end the process.
      const pool = new pg.Pool({ connectionString: bouncer.through(url), max: 10 })
      pool.on('connect', (connection) => connection.on('error', () => {}))
      const prisma = new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: true }) })
      onTestFinished(() => prisma.$disconnect())
      return prisma
    }

    test('spawns, sends, retries, keeps lines and waits', async () => {
      const prisma = client(await freshDatabase())
      const seen: string[] = []
      const receiver = await receiverOf(({ url }, index) => {
        seen.push(url)
        return index === 0 ? { status: 503 } : {}
      })
      const requeuest = createRequeuest(prisma, { encryption: { keys: { k: Buffer.alloc(32, 7) }, current: 'k' } })
      await prisma
        .$transaction(async (tx) => {
          await requeuest.spawn('a', `${receiver.url}/rolled-back`, { tx })
          throw new Error('no')
        })
        .catch(() => {})
      const ids = await prisma.$transaction(async (tx) => {
        const order = { key: 'x' }
        const line = []
        for (const path of ['/1', '/2', '/3']) {
          line.push(await requeuest.spawn('a', http.post(receiver.url + path, { body: path }), { tx, order }))
        }
        return [...line, ...(await requeuest.spawnMany('b', Array(50).fill(`${receiver.url}/many`), { tx }))]
      })
      await requeuest.spawnMany('cancelled', Array(3).fill(receiver.url))
      const keyed = { dedupe: { key: 'one', onDuplicate: 'replace' } } as const
      const again = () => prisma.$transaction((tx) => requeuest.spawn('cancelled', receiver.url, { tx, ...keyed }))
      expect(await again()).toBe(await again())
      expect(await requeuest.clear({ channel: 'cancelled' })).toBe(4)
      await requeuest.start({ channels: 'all' })
      await Promise.all(ids.map((id) => requeuest.waitFor(id)))
      expect([...new Set(seen.filter((url) => /\d/.test(url)))]).toEqual(['/1', '/2', '/3'])
      expect(seen).not.toContain('/rolled-back')
      expect(await prisma.httpAttempt.count()).toBe(seen.length)
      expect((await requeuest.find(ids[0]!))!.state).toBe('delivered')
    })

    test('the client of the command line works, keeps to its timeout, and knows that somebody stands between', async () => {
      const connectionString = bouncer.through(await freshDatabase())
      const own = new PgClient(pg, { connectionString, statementTimeoutMs: 500 })
      onTestFinished(() => own.$disconnect())
      const requeuest = new Requeuest(own)
      await requeuest.spawnMany('a', ['https://a.example/1', 'https://a.example/2'])
      expect(await requeuest.cancel({ channel: 'a' })).toMatchObject({ cancelled: 2 })
      expect(await own.pooler()).toBe('transaction')
      await expect(own.$queryRaw`SELECT pg_sleep(30)`).rejects.toThrow('statement timeout')
      const [row] = await own.$queryRaw<{ timeout: string }[]>`SELECT current_setting('statement_timeout') AS timeout`
      expect(row).toEqual({ timeout: '500ms' })
    })

    test('LISTEN says that it hears nothing, and the worker polls', async () => {
      const url = await freshDatabase()
      const requeuest = createRequeuest(client(url), { notify: true })
      const errors: RequeuestError[] = []
      requeuest.on('error', (error) => errors.push(error))
      await requeuest.start({ channels: ['a'], listen: () => new pg.Client(bouncer.through(url)) })
      const receiver = await receiverOf()
      expect((await requeuest.spawnReturning('a', receiver.url)).status).toBe(200)
      await vi.waitFor(() => expect(errors.map((error) => error.code)).toEqual(['not_listening']), { timeout: 15_000 })
      await requeuest.stop()
    })

    test('a worker that listens of itself says once that it hears nothing, without an error, and polls', async () => {
      const url = await freshDatabase()
      const requeuest = createRequeuest(client(url), { notify: true })
      const said: string[] = []
      requeuest.on('error', (error) => said.push(error.code))
      requeuest.on('warning', ({ message }) => said.push(message))
      await requeuest.start({ channels: ['a'] })
      const receiver = await receiverOf()
      await vi.waitFor(() => expect(said).toEqual([expect.stringMatching(/polling.*PgBouncer/)]), { timeout: 15_000 })
      expect((await requeuest.spawnReturning('a', receiver.url)).status).toBe(200)
      await requeuest.stop()
      expect(said).toHaveLength(1)
      // A connection of the server that others are given would bring them what they do not listen to.
      const topics = await client(url).$queryRaw<{ topic: string }[]>`SELECT pg_listening_channels() AS topic`
      expect(topics).not.toContainEqual({ topic: 'requeuest' })
    })

    test('migrates, and survives that its connections are taken away', { timeout: 60_000 }, async () => {
      const url = await createDatabase(inject('serverUrl'), `bouncer_${process.pid}_${poolSize}`)
      const prisma = client(url)
      expect((await new Requeuest(prisma).migrate()).applied).toHaveLength(1)
      const receiver = await receiverOf()
      const requeuest = createRequeuest(prisma)
      requeuest.on('error', () => {})
      await requeuest.start({ channels: ['a'] })
      const admin = new pg.Client({ connectionString: bouncer.consoleUrl })
      await admin.connect()
      const ids = Array.from({ length: 5 }, () => Array.from({ length: 20 }, () => randomUUID()))
      for (const [round, group] of ids.entries()) {
        const items = group.map((id) => ({ request: receiver.url, options: { id } }))
        // A pool whose login was cut off refuses for a second. With the ids it can be said again whatever became of it.
        await vi.waitFor(() => requeuest.spawnMany('a', items), { timeout: 15_000, interval: 100 })
        await receiver.waitForRequests(round * 20 + 1)
        await admin.query('RECONNECT')
      }
      await vi.waitFor(() => Promise.all(ids.flat().map((id) => requeuest.waitFor(id))), {
        timeout: 15_000,
        interval: 100,
      })
      await admin.end()
      expect(receiver.requests).toHaveLength(100)
    })

    test('takes back what a lost worker held', async () => {
      const prisma = client(await freshDatabase())
      const receiver = await receiverOf()
      const requeuest = createRequeuest(prisma)
      const id = await requeuest.spawn('a', receiver.url)
      await prisma.$executeRaw`
      UPDATE requeuest_request SET state = 'claimed', attempt_count = 1, claimed_by = 'lost', claimed_at = now(),
        lease_until = now() - interval '1 s'`
      await requeuest.start({ channels: ['a'] })
      expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 2 })
    })
  },
)
