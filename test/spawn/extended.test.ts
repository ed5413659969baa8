import { expect, test } from 'vitest'
import { Requeuest } from '../../src/index.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const URL_TEXT = 'https://example.com/'

/** A client with every kind of extension. `seen` lists the raw operations that passed through it. */
function extended() {
  const seen: string[] = []
  const client = database.prisma
    .$extends({ client: { $hello: () => 'hello' } })
    .$extends({ model: { httpRequest: { tally: () => 1 } } })
    .$extends({ result: { httpRequest: { shout: { needs: { url: true }, compute: ({ url }) => url.toUpperCase() } } } })
    .$extends({
      query: {
        async $allOperations({ operation, args, query }) {
          if (operation.startsWith('$')) seen.push(operation)
          return query(args)
        },
      },
    })
  return { client, seen }
}

test('a client with extensions serves every method that asks the database', async () => {
  const { client, seen } = extended()
  const requeuest = new Requeuest(client)
  const id = await requeuest.spawn('billing', { method: 'PUT', url: URL_TEXT, body: new Uint8Array([0, 255]) })
  const ids = await requeuest.spawnMany('billing', [URL_TEXT, URL_TEXT], { order: 'channel' })
  expect(await requeuest.find(id)).toMatchObject({ id, body: new Uint8Array([0, 255]), attempts: [] })
  expect(await client.httpRequest.findMany({ where: { id: { in: ids } } })).toMatchObject([
    { shout: 'HTTPS://EXAMPLE.COM/' },
    { shout: 'HTTPS://EXAMPLE.COM/' },
  ])
  expect(await requeuest.clear('all')).toBe(3)
  await expect(requeuest.waitFor(id)).rejects.toMatchObject({ code: 'request_cancelled', requestId: id })
  expect(await requeuest.release({ channel: 'billing' })).toBe(false)
  // Spawns and reads go through the user's extensions, as the user's own statements do.
  expect(seen).toContain('$executeRaw')
  expect(seen).toContain('$queryRaw')
})

test('a client with extensions starts and stops', async () => {
  await using requeuest = new Requeuest(extended().client)
  await requeuest.start({ channels: ['billing'] })
})

test('a client with extensions spawns in its transactions: there when they commit, not when they roll back', async () => {
  const { client } = extended()
  const requeuest = new Requeuest(client)
  const id = await client.$transaction((tx) => requeuest.spawn('billing', URL_TEXT, { tx }))
  const rolledBack = client.$transaction(async (tx) => {
    await requeuest.spawn('billing', URL_TEXT, { tx })
    throw new Error('rolled back')
  })
  await expect(rolledBack).rejects.toThrow('rolled back')
  expect(await client.httpRequest.findMany({ select: { id: true } })).toEqual([{ id }])
  const keyed = () => client.$transaction((tx) => requeuest.spawn('billing', URL_TEXT, { tx, dedupe: { key: 'one' } }))
  expect(await keyed()).toBe(await keyed())
  expect(await client.$transaction((tx) => requeuest.cancel(id, { tx }))).toEqual({
    matched: 1,
    cancelled: 1,
    inFlight: [],
  })
})
