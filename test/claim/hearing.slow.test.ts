import { fileURLToPath } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { Worker } from '../../src/claim/worker.ts'
import type { Requeuest, StartOptions } from '../../src/index.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { connect, createRequeuest, loginOfOneConnection, receiverOf, useDatabase } from '../support/fixture.ts'
import { startProcess } from '../support/processes.ts'

const database = useDatabase()
const until = (isTrue: () => unknown) => vi.waitFor(isTrue, { timeout: 10_000 })

/** The connections of this database that listen, by the names that they have given themselves. */
async function ears(): Promise<string[]> {
  const rows = await database.prisma.$queryRaw<{ name: string }[]>`
    SELECT application_name AS name FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN % requeuest'`
  return rows.map(({ name }) => name)
}

/** Starts a worker, and gathers what it says that is not right. */
async function started(prisma: PrismaClient, options: Partial<StartOptions> = {}) {
  const requeuest = createRequeuest(prisma, { notify: true })
  const said: string[] = []
  requeuest.on('warning', ({ message }) => said.push(`warning: ${message}`))
  requeuest.on('error', ({ message }) => said.push(`error: ${message}`))
  await requeuest.start({ channels: ['a'], ...options })
  return { requeuest, said }
}

async function delivers(requeuest: Requeuest) {
  const receiver = await receiverOf()
  const id = await createRequeuest(connect(database.url)).spawn('a', receiver.url)
  expect(await requeuest.waitFor(id)).toMatchObject({ status: 200 })
}

/** A URL without the password, and what else leads to the database. */
function partsOf(url: string) {
  const { username, password, hostname, port, pathname } = new URL(url)
  return { user: username, password, host: hostname, port: Number(port), database: pathname.slice(1) }
}

const clientOf = (adapter: PrismaPg) => {
  const prisma = new PrismaClient({ adapter })
  onTestFinished(() => prisma.$disconnect())
  return prisma
}

function poolOf(config: pg.PoolConfig) {
  const pool = new pg.Pool(config)
  onTestFinished(() => pool.end())
  return pool
}

const application_name = 'as-told'
const PLACES: [string, (url: string) => PrismaClient][] = [
  ['a connection string', (url) => clientOf(new PrismaPg({ connectionString: url, application_name }))],
  ['nothing but a string', (url) => clientOf(new PrismaPg(`${url}?application_name=as-told`))],
  [
    "a string with Prisma's schema",
    (url) =>
      clientOf(new PrismaPg({ connectionString: `${url}?schema=public`, application_name }, { schema: 'public' })),
  ],
  ['parts', (url) => clientOf(new PrismaPg({ ...partsOf(url), application_name }))],
  [
    'a password that is asked for each time',
    (url) => {
      const { password, ...rest } = partsOf(url)
      return clientOf(new PrismaPg({ ...rest, application_name, password: async () => password }))
    },
  ],
  ['a pool of one connection', (url) => clientOf(new PrismaPg({ connectionString: url, application_name, max: 1 }))],
  ["the user's pool", (url) => clientOf(new PrismaPg(poolOf({ connectionString: url, application_name })))],
  [
    "the user's pool, from parts",
    (url) => clientOf(new PrismaPg(poolOf({ ...partsOf(url), application_name }), { disposeExternalPool: false })),
  ],
  [
    'a client that is extended',
    (url) =>
      clientOf(new PrismaPg({ connectionString: url, application_name }))
        .$extends({ client: { $hello: () => 'hello' } })
        .$extends({ query: { $allOperations: ({ args, query }) => query(args) } }) as unknown as PrismaClient,
  ],
]

test.each(PLACES)('a worker listens of itself, over a connection as its pool makes them: %s', async (_, make) => {
  const { requeuest, said } = await started(make(database.url))
  await until(async () => expect(await ears()).toEqual(['as-told']))
  await delivers(requeuest)
  await requeuest.stop()
  await until(async () => expect(await ears()).toEqual([]))
  expect(said).toEqual([])
})

test('a worker at rest is woken by what another process spawns', async () => {
  const wake = vi.spyOn(Worker.prototype, 'wake')
  onTestFinished(() => wake.mockRestore())
  const receiver = await receiverOf()
  await started(connect(database.url), { channels: 'all' })
  await until(async () => expect(await ears()).toHaveLength(1))
  const program = fileURLToPath(new URL('programs/spawner.ts', import.meta.url))
  await startProcess(program, { DATABASE_URL: database.url, URL: receiver.url })
  await until(() => expect(wake).toHaveBeenCalledWith('from-elsewhere'))
  await receiver.waitForRequests(1)
})

test("leaves the user's pool as it is: no listener more, and not ended", async () => {
  const pool = poolOf({ connectionString: database.url })
  const prisma = clientOf(new PrismaPg(pool))
  await prisma.$queryRaw`SELECT 1`
  const before = pool.listenerCount('error')
  const { requeuest } = await started(prisma)
  await until(async () => expect(await ears()).toHaveLength(1))
  await requeuest.stop()
  expect(pool.listenerCount('error')).toBe(before)
  expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
})

test('listens over no connection where that is not wanted', async () => {
  const { requeuest, said } = await started(connect(database.url), { listen: false })
  await delivers(requeuest)
  expect(await ears()).toEqual([])
  expect(said).toEqual([])
})

test('says once that it only polls where the connections of the client cannot be imitated, and delivers', async () => {
  const client = wrapClient(database.prisma, (call) => call.run()) as PrismaClient
  const { requeuest, said } = await started(client)
  await delivers(requeuest)
  expect(said).toEqual([expect.stringMatching(/^warning: .*polling.*@prisma\/adapter-pg.*`listen: false`/)])
})

test('says once that it only polls where there is no connection left for it, and delivers', async () => {
  const login = await loginOfOneConnection(database.prisma)
  const config = { ...partsOf(database.url), ...login, max: 1 }
  const { requeuest, said } = await started(clientOf(new PrismaPg(config)))
  await until(() => expect(said).toHaveLength(1))
  await delivers(requeuest)
  expect(said).toEqual([expect.stringMatching(/^warning: .*too many connections for role/)])
  await requeuest.stop()
})

test('a connection that is lost for a moment is made again without a word', async () => {
  const prisma = clientOf(new PrismaPg({ connectionString: database.url, application_name }))
  const { said } = await started(prisma)
  for (let round = 0; round < 3; round++) {
    await until(async () => expect(await ears()).toHaveLength(1))
    await database.prisma.$queryRaw`
      SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity
      WHERE datname = current_database() AND query LIKE 'LISTEN % requeuest'`
    await until(async () => expect(await ears()).toHaveLength(0))
  }
  await until(async () => expect(await ears()).toHaveLength(1))
  expect(said).toEqual([])
})

test.each([
  ['true', true],
  ['null', null],
  ['a text', 'always'],
  ['an object', {}],
])('refuses to listen by %s', async (_, listen) => {
  const requeuest = createRequeuest(database.prisma)
  const starting = requeuest.start({ channels: 'all', listen: listen as never })
  await expect(starting).rejects.toMatchObject({ code: 'invalid_input', field: 'options.listen' })
})
