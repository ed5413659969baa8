import { expectTypeOf } from 'vitest'
import type { Prisma, PrismaClient } from '../../generated/prisma/client.ts'
import {
  type FoundAttempt,
  type PrismaClientLike,
  type PrismaTransactionLike,
  Requeuest,
  requeuestExtension,
} from '../../src/index.ts'

declare const prisma: PrismaClient
declare const tx: Prisma.TransactionClient

const modelExtended = prisma.$extends({ model: { httpRequest: { tally: () => 1 }, $allModels: { first: () => null } } })
const clientExtended = prisma.$extends({ client: { $hello: (name: string) => `hello ${name}` } })
const queryExtended = prisma.$extends({
  query: {
    httpRequest: { findMany: ({ args, query }) => query(args) },
    $allOperations: ({ args, query }) => query(args),
  },
})
const resultExtended = prisma.$extends({
  result: { httpRequest: { shout: { needs: { url: true }, compute: ({ url }) => url.toUpperCase() } } },
})
const allExtended = clientExtended
  .$extends({ model: { httpRequest: { tally: () => 1 } } })
  .$extends({ query: { $allOperations: ({ args, query }) => query(args) } })
  .$extends({ result: { httpRequest: { twice: { needs: { url: true }, compute: ({ url }) => `${url}${url}` } } } })

// The generated client and each kind of extended one is a client.
expectTypeOf(prisma).toExtend<PrismaClientLike>()
expectTypeOf(modelExtended).toExtend<PrismaClientLike>()
expectTypeOf(clientExtended).toExtend<PrismaClientLike>()
expectTypeOf(queryExtended).toExtend<PrismaClientLike>()
expectTypeOf(resultExtended).toExtend<PrismaClientLike>()
expectTypeOf(allExtended).toExtend<PrismaClientLike>()

// What the extensions add is really there: these are no clients that lost their type on the way.
expectTypeOf(modelExtended.httpRequest.tally()).toBeNumber()
expectTypeOf(clientExtended.$hello).toEqualTypeOf<(name: string) => string>()

const requeuest = new Requeuest(prisma)
new Requeuest(modelExtended)
new Requeuest(clientExtended)
new Requeuest(queryExtended)
new Requeuest(resultExtended)
new Requeuest(allExtended, { maxBodyBytes: 1 })

// The transaction clients of all of them can be spawned in.
expectTypeOf(tx).toExtend<PrismaTransactionLike>()
export async function transactions() {
  await prisma.$transaction((tx) => requeuest.spawn('billing', 'https://example.com/', { tx }))
  await modelExtended.$transaction((tx) => requeuest.spawn('billing', 'https://example.com/', { tx }))
  await clientExtended.$transaction((tx) => requeuest.spawn('billing', 'https://example.com/', { tx }))
  await queryExtended.$transaction((tx) => requeuest.spawn('billing', 'https://example.com/', { tx }))
  await resultExtended.$transaction((tx) => requeuest.spawn('billing', 'https://example.com/', { tx }))
  await allExtended.$transaction(async (tx) => {
    const id = await requeuest.spawn('billing', 'https://example.com/', { tx })
    const ids = await requeuest.spawnMany('billing', ['https://example.com/'], { tx })
    expectTypeOf(id).toBeString()
    expectTypeOf(ids).toEqualTypeOf<string[]>()
    expectTypeOf((await tx.httpRequest.findFirstOrThrow()).twice).toBeString()
  })
}

// The extension adds to the client, to the clients of its transactions, and to what is extended further.
const spawning = allExtended.$extends(requeuestExtension(requeuest)).$extends({ model: {} })
new Requeuest(spawning)
export async function spawns() {
  expectTypeOf(spawning.$spawn('billing', 'https://example.com/')).toEqualTypeOf<Promise<string>>()
  await spawning.$transaction(async (tx) => {
    expectTypeOf(tx.$spawn('billing', { render: 'invoice' }, { delay: '1h' })).toEqualTypeOf<Promise<string>>()
    expectTypeOf((await tx.httpRequest.findFirstOrThrow()).twice).toBeString()
    // @ts-expect-error the client says which transaction it is
    await tx.$spawn('billing', 'https://example.com/', { tx })
  })
  // @ts-expect-error no statement of Prisma's
  await spawning.$transaction([spawning.$spawn('billing', 'https://example.com/')])
}

// A transaction client is no client: nothing could be awaited outside of it.
expectTypeOf(tx).not.toExtend<PrismaClientLike>()
// @ts-expect-error a transaction client
new Requeuest(tx)
// @ts-expect-error no client at all
new Requeuest()
// @ts-expect-error a connection string
new Requeuest('postgresql://localhost/db')
// @ts-expect-error the class, not an instance
new Requeuest({} as typeof PrismaClient)
// @ts-expect-error an object
new Requeuest({})
// @ts-expect-error a promise of a client
new Requeuest(Promise.resolve(prisma))
// @ts-expect-error null
new Requeuest(null)

// @ts-expect-error unknown option
new Requeuest(prisma, { maxBodyByte: 5 })
// @ts-expect-error an option of spawn
new Requeuest(prisma, { priority: 5 })
new Requeuest(prisma, { timeout: '5s' })
// @ts-expect-error no unit
new Requeuest(prisma, { timeout: '5' })
// @ts-expect-error null
new Requeuest(prisma, { timeout: null })
// @ts-expect-error an old name
new Requeuest(prisma, { timeoutMs: 5 })
// @ts-expect-error unknown key
new Requeuest(prisma, { network: { denny: [] } })
// @ts-expect-error a text instead of a list
new Requeuest(prisma, { network: { allow: '127.0.0.1' } })

// A handler is given the transaction client of the very client that the instance was made with.
new Requeuest(prisma).onSettled('billing', async ({ tx, request, attempt }) => {
  expectTypeOf(tx).toEqualTypeOf<Prisma.TransactionClient>()
  expectTypeOf(request.state).toEqualTypeOf<'delivered' | 'failed' | 'cancelled'>()
  expectTypeOf(attempt).toEqualTypeOf<FoundAttempt | null>()
  await tx.httpRequest.count()
  // @ts-expect-error a transaction opens no other
  tx.$connect()
  // @ts-expect-error what find() alone gives
  request.attempts
})
new Requeuest(allExtended).onSettled('billing', async ({ tx }) => {
  expectTypeOf(tx.$hello('ada')).toBeString()
  expectTypeOf((await tx.httpRequest.findFirstOrThrow()).twice).toBeString()
  expectTypeOf(tx.httpRequest.tally()).toBeNumber()
})
// One that was made with no client in particular knows what each of them has.
declare const some: Requeuest
some.onSettled('billing', ({ tx }) => expectTypeOf(tx).toEqualTypeOf<PrismaTransactionLike>())
export const general: Requeuest = new Requeuest(prisma)
// @ts-expect-error no function
requeuest.onSettled('billing', 'insert')
// @ts-expect-error unknown option
requeuest.onSettled('billing', () => {}, { timeoutMs: 5 })
