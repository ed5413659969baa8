import { expectTypeOf } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { bearer, http, oauth2ClientCredentials, type PrismaTransactionLike, Requeuest } from '../../src/index.ts'

declare const prisma: PrismaClient
const url = 'https://example.com/'

// A renderer gets a transaction of the very client, extended or not, and the arguments that it asks for.
const requeuest = new Requeuest(prisma)
requeuest.renderer<{ id: string }>('a', async ({ tx, args, request }) => {
  expectTypeOf(args).toEqualTypeOf<{ id: string }>()
  expectTypeOf(request).toEqualTypeOf<{ id: string; channel: string }>()
  expectTypeOf(tx).toExtend<PrismaTransactionLike>()
  expectTypeOf((await tx.httpRequest.findFirstOrThrow()).url).toBeString()
  // @ts-expect-error: it is no client that could be closed
  tx.$disconnect()
  return http.post(url)
})
const extended = prisma.$extends({ model: { httpRequest: { tally: () => 1 } } })
new Requeuest(extended).renderer('b', ({ tx, args }) => {
  expectTypeOf(tx.httpRequest.tally()).toBeNumber()
  expectTypeOf(args).toBeUnknown()
  return url
})

// @ts-expect-error: a renderer makes a request to its end
requeuest.renderer('c', () => ({ render: 'a' }))
// @ts-expect-error: and does not forget to
requeuest.renderer('d', () => {})

// An instance for one client can be passed on as any instance.
expectTypeOf(requeuest).toExtend<Requeuest>()
void requeuest.spawn('billing', { render: 'a', args: { id: '17' } })
void requeuest.spawnMany('billing', [{ render: 'a' }, url])
void requeuest.spawnReturning('billing', { render: 'a' })
// @ts-expect-error: either it is there or it will be made
void requeuest.spawn('billing', { render: 'a', url: 5 })

// With a token, a renderer is typed as without one; by itself it takes a request as arguments.
const origins = 'https://example.com'
requeuest.renderer<{ id: string }>(
  'e',
  bearer({ origins, token: () => 'abc' }, async ({ tx, args }) => {
    expectTypeOf(args).toEqualTypeOf<{ id: string }>()
    return (await tx.httpRequest.findFirstOrThrow()).url
  }),
)
requeuest.renderer('f', bearer({ origins, token: async () => 'abc' }))
requeuest.renderer('g', oauth2ClientCredentials({ origins, tokenUrl: url, clientId: 'a', clientSecret: 'b' }))
