import { beforeEach, describe, expect, test } from 'vitest'
import { Prisma, type PrismaClient } from '../../generated/prisma/client.ts'
import { type Requeuest, requeuestExtension } from '../../src/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const url = 'http://example.com/'
let prisma: PrismaClient
let requeuest: Requeuest
beforeEach(() => {
  prisma = database.prisma
  requeuest = createRequeuest(prisma)
})

const count = () => prisma.httpRequest.count()

const querying = Prisma.defineExtension({ query: { $allOperations: ({ args, query }) => query(args) } })
const computing = Prisma.defineExtension({
  result: { httpRequest: { shout: { needs: { url: true }, compute: ({ url }) => url.toUpperCase() } } },
})
/** Methods of another extension that spawn by the client they are called on, and by the parent of a model. */
const calling = Prisma.defineExtension({
  client: {
    $spawnTwice(this: unknown) {
      const client = Prisma.getExtensionContext(this) as Spawning
      return client.$spawn('a', url).then(() => client.$spawn('a', url))
    },
  },
  model: {
    httpRequest: {
      spawnByParent(this: unknown) {
        const model = Prisma.getExtensionContext(this) as { $parent: Spawning }
        return model.$parent.$spawn('a', url)
      },
    },
  },
})

interface Spawning {
  $spawn(channel: string, url: string): Promise<string>
}

/** As far as the tests need them: what each kind is typed as is in test/types. */
type Extended = PrismaClient & Spawning

/** How often the instance was asked to spawn. */
let asked: number
const extension = () =>
  requeuestExtension({
    spawn(...args) {
      asked++
      return requeuest.spawn(...args)
    },
  })
beforeEach(() => {
  asked = 0
})

/** Runs `work` in a transaction that rolls back, after which nothing may be there of what it spawned. */
async function rollBack<C extends PrismaClient>(client: C, work: (tx: C) => Promise<unknown>): Promise<void> {
  const rolledBack = client.$transaction(async (tx) => {
    await work(tx as unknown as C)
    throw new Error('rolled back')
  })
  await expect(rolledBack).rejects.toThrow('rolled back')
  expect(asked).toBeGreaterThan(0)
  expect(await count()).toBe(0)
}

const KINDS: [what: string, extend: (client: PrismaClient) => unknown][] = [
  ['alone', (client) => client.$extends(extension())],
  ['behind one of queries', (client) => client.$extends(querying).$extends(extension())],
  ['before one of queries', (client) => client.$extends(extension()).$extends(querying)],
  [
    'twice, among others',
    (client) =>
      client.$extends(querying).$extends(extension()).$extends(computing).$extends(extension()).$extends(querying),
  ],
]

describe.each(KINDS)('the extension %s', (_, extend) => {
  let client: Extended
  beforeEach(() => {
    client = extend(prisma) as Extended
  })

  test('spawns in the transaction of the client that it is called on', async () => {
    const id = await client.$transaction(async (tx) => {
      const spawned = await (tx as unknown as Extended).$spawn('a', url)
      expect(await tx.httpRequest.findUnique({ where: { id: spawned } })).toMatchObject({ channel: 'a', url })
      expect(await count()).toBe(0)
      return spawned
    })
    expect(await requeuest.find(id)).toMatchObject({ channel: 'a', state: 'pending' })
  })

  test('spawns in a transaction of its own on a whole client', async () => {
    const id = await client.$spawn('a', url)
    expect(await requeuest.find(id)).toMatchObject({ channel: 'a', state: 'pending' })
  })

  test('never leaves a transaction that rolls back', async () => {
    await rollBack(client, (tx) => tx.$spawn('a', url))
    await rollBack(client, (tx) => Promise.all([tx.$spawn('a', url), tx.$spawn('b', url), tx.httpRequest.count()]))
    await rollBack(client, (tx) => tx.$spawn.bind(tx)('a', url))
  })

  test('never leaves a transaction within a transaction', async () => {
    await rollBack(client, (tx) => tx.$transaction((inner) => (inner as unknown as Extended).$spawn('a', url)))
    await client.$transaction(async (tx) => {
      const undone = tx.$transaction(async (inner) => {
        await (inner as unknown as Extended).$spawn('inner', url)
        throw new Error('undone')
      })
      await expect(undone).rejects.toThrow('undone')
      await (tx as unknown as Extended).$spawn('outer', url)
    })
    expect(await prisma.httpRequest.findMany()).toMatchObject([{ channel: 'outer' }])
  })

  test('is refused off its client, where nobody could tell the transaction', async () => {
    await client.$transaction(async (tx) => {
      const { $spawn } = tx as unknown as Extended
      await expect($spawn('a', url)).rejects.toMatchObject({ code: 'invalid_input', field: 'this' })
    })
    expect(asked).toBe(0)
  })

  test('is refused among the statements of an array, before anything has begun', async () => {
    for (const order of [0, 1]) {
      const statements: unknown[] = [client.httpRequest.create({ data: { channel: 'b', url } })]
      statements.splice(order, 0, client.$spawn('a', url))
      await expect(Promise.resolve().then(() => client.$transaction(statements as never))).rejects.toThrow(
        'All elements of the array need to be Prisma Client promises',
      )
    }
    expect(asked).toBe(0)
    expect(await count()).toBe(0)
  })

  test('takes what spawn takes, but no transaction', async () => {
    const spawn = client.$spawn as (channel: string, url: string, options: object) => Promise<string>
    const id = await spawn.call(client, 'a', url, { priority: 1, delay: '1h' })
    expect(await requeuest.find(id)).toMatchObject({ priority: 1 })
    await expect(spawn.call(client, 'a', url, { tx: client })).rejects.toMatchObject({ field: 'options.tx' })
    await expect(spawn.call(client, 'a', url, { dely: 1 })).rejects.toMatchObject({ field: 'options.dely' })
    expect(await count()).toBe(1)
  })
})

test('a method of another extension, of the client or of a model, never leaves the transaction by it', async () => {
  const client = prisma.$extends(extension()).$extends(calling)
  await rollBack(client as unknown as PrismaClient, async (tx) => {
    await (tx as unknown as typeof client).$spawnTwice()
    await (tx as unknown as typeof client).httpRequest.spawnByParent()
    expect(asked).toBe(3)
  })
})

test('what nobody awaits does nothing, and what several await is one spawn', async () => {
  const client = prisma.$extends(extension())
  const spawning = client.$spawn('a', url)
  expect(asked).toBe(0)
  const [one, other] = await Promise.all([spawning, spawning.finally(() => {}).catch(() => '')])
  expect(one).toBe(other)
  expect(asked).toBe(1)
  expect(await count()).toBe(1)
})

test('an instance that is none is refused', () => {
  expect(() => requeuestExtension(null as never)).toThrow('requeuest must be an instance of Requeuest, got null.')
})
