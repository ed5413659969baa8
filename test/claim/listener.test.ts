import { createServer, type Socket } from 'node:net'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Listener } from '../../src/claim/listener.ts'
import { Worker } from '../../src/claim/worker.ts'
import { connect, createRequeuest, freshDatabase, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** A listener and what it heard; undefined stands for "something may have been missed". */
function listen(client: () => pg.Client | Promise<pg.Client> = () => new pg.Client(database.url)) {
  const heard: (string | undefined)[] = []
  const errors: string[] = []
  const listener = new Listener(
    database.prisma,
    client,
    (channel) => heard.push(channel),
    (error, failures) => {
      errors.push(`${failures}: ${(error as Error).message}`)
      return 10
    },
  )
  onTestFinished(() => listener.stop())
  return { listener, heard, errors }
}

const until = (isTrue: () => void) => vi.waitFor(isTrue, { timeout: 10_000 })

test('hears of spawns by an instance that notifies, each channel once if they come together', async () => {
  const { heard } = listen()
  await until(() => expect(heard).toEqual([undefined]))
  const requeuest = createRequeuest(database.prisma, { notify: true })
  await requeuest.spawn('a "quoted" channel', 'http://example.com/')
  await until(() => expect(heard).toEqual([undefined, 'a "quoted" channel']))
  await Promise.all(Array.from({ length: 10 }, () => requeuest.spawnMany('b', ['http://example.com/'])))
  await until(() => expect(heard).toContain('b'))
  expect(heard.filter((channel) => channel === 'b').length).toBeLessThan(10)
})

test('hears nothing of what is spawned in a transaction, or by one that does not notify', async () => {
  const { heard } = listen()
  await until(() => expect(heard).toEqual([undefined]))
  const quiet = createRequeuest(database.prisma, { notify: false })
  const loud = createRequeuest(database.prisma)
  await quiet.spawn('quiet', 'http://example.com/')
  await database.prisma.$transaction((tx) => loud.spawn('in-tx', 'http://example.com/', { tx }))
  await loud.spawn('last', 'http://example.com/')
  await until(() => expect(heard.at(-1)).toBe('last'))
  expect(heard).toEqual([undefined, 'last'])
})

test('listens again when the connection is lost, and says that something may have been missed', async () => {
  const { heard, errors } = listen(() => new pg.Client({ connectionString: database.url, application_name: 'ear' }))
  for (const times of [1, 2, 3]) {
    await until(() => expect(heard).toHaveLength(times))
    await database.prisma.$queryRaw`
      SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE application_name = 'ear'`
  }
  await until(() => expect(heard).toEqual(Array(4).fill(undefined)))
  expect(errors).toEqual(Array(3).fill(expect.stringMatching(/^1: /)))
  await createRequeuest(database.prisma, { notify: true }).spawn('a', 'http://example.com/')
  await until(() => expect(heard.at(-1)).toBe('a'))
})

test('says that it hears nothing where nothing comes, and listens to no spawns there', async () => {
  const client = new pg.Client(await freshDatabase())
  const asked: string[] = []
  const query = client.query.bind(client)
  vi.spyOn(client, 'query').mockImplementation((sql: string) => {
    asked.push(sql)
    return query(sql) as never
  })
  const { heard, errors } = listen(() => client)
  await until(() => expect(errors).toEqual([expect.stringContaining('No notification arrives')]))
  expect(asked).toEqual([expect.stringMatching(/^LISTEN .* requeuest_[0-9a-f]{32}$/)])
  expect(heard).toEqual([])
})

test('can be stopped while it connects to nobody who answers', async () => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await until(() => expect(server.address()).not.toBeNull())
  const { port } = server.address() as { port: number }
  const { listener, errors } = listen(() => new pg.Client({ host: '127.0.0.1', port }))
  await until(() => expect(sockets.size).toBe(1))
  await listener.stop()
  expect(errors).toEqual([])
})

test('can be stopped while its client is still being made, and does not connect it', async () => {
  let give = (_client: pg.Client) => {}
  const client = new pg.Client(database.url)
  const connecting = vi.spyOn(client, 'connect')
  const { listener, heard, errors } = listen(() => new Promise((resolve) => (give = resolve)))
  const stopped = listener.stop()
  give(client)
  await stopped
  expect(connecting).not.toHaveBeenCalled()
  expect([heard, errors]).toEqual([[], []])
})

test('a worker that listens is woken by spawns in other processes', async () => {
  const wake = vi.spyOn(Worker.prototype, 'wake')
  onTestFinished(() => wake.mockRestore())
  const receiver = await receiverOf()
  const worker = createRequeuest(database.prisma)
  await worker.start({ channels: 'all', listen: () => new pg.Client(database.url) })
  await until(() => expect(wake).toHaveBeenCalledWith(undefined))
  const spawner = createRequeuest(connect(database.url), { notify: true })
  const id = await spawner.spawn('elsewhere', receiver.url)
  await until(() => expect(wake).toHaveBeenCalledWith('elsewhere'))
  expect(await spawner.waitFor(id)).toMatchObject({ status: 200 })
  await worker.stop()
})
