import { expect, expectTypeOf } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { type FoundAttempt, type FoundRequest, type HeaderPairs, Requeuest } from '../../src/index.ts'
import {
  createTestDatabase,
  type ReceivedRequest,
  type Reply,
  type ReplyParts,
  receiver,
  resetDatabase,
  type SpawnedRequest,
  type TestDrainResult,
  testing,
} from '../../src/testing/index.ts'
import '../../src/testing/vitest.mts'

declare const prisma: PrismaClient
const requeuest = new Requeuest(prisma)
const kit = testing(requeuest, { channels: ['billing'], receivers: [], database: 'app' })

// What is expected is there, unless nothing is.
export async function spawned() {
  const [first, ...others] = await kit.expectSpawned({ channel: 'billing', json: { cents: expect.any(Number) } })
  expectTypeOf(first).toEqualTypeOf<SpawnedRequest>()
  expectTypeOf(others).toEqualTypeOf<SpawnedRequest[]>()
  expectTypeOf(first.json()).toBeUnknown()
  expectTypeOf(first.json<{ cents: number }>()).toEqualTypeOf<{ cents: number }>()
  expectTypeOf(first.headers).toEqualTypeOf<HeaderPairs>()
  expectTypeOf(await kit.expectSpawned({ method: 'POST' }, { count: 0 })).toEqualTypeOf<[]>()
  await prisma.$transaction((tx) => kit.expectSpawned({}, { tx, within: '1s', count: 2 }))
}
expectTypeOf(kit.spawnedBy(() => 17)).toEqualTypeOf<Promise<SpawnedRequest[]>>()
expectTypeOf(kit.drain({ until: '1h', limit: 5, failures: 'return' })).toEqualTypeOf<Promise<TestDrainResult>>()
expectTypeOf(kit.attempt('id')).toEqualTypeOf<Promise<FoundAttempt>>()
expectTypeOf(kit.settled('id', { failures: 'return' })).toEqualTypeOf<Promise<FoundRequest>>()
expectTypeOf(kit.advance('2h')).toEqualTypeOf<Promise<void>>()
expectTypeOf(kit.reset()).toEqualTypeOf<Promise<void>>()
expectTypeOf(resetDatabase(prisma, { database: 'app' })).toEqualTypeOf<Promise<void>>()
// @ts-expect-error: a settled request has the time that it needs
void kit.settled('id', { until: '1h' })
// @ts-expect-error: a time has a unit
void kit.advance('2 hours')

// Every reply, alone, in a list and from a function.
const slow: ReplyParts = { status: 200, headers: { a: ['b'] }, body: 'c', delay: '1s' }
for (const reply of [200, 'silence', 'reset', slow] satisfies Reply[]) {
  void receiver(reply)
  void receiver([reply, { json: { a: 1 } }, { body: new Uint8Array(), dribble: 5 }], { port: 4040 })
  void receiver(async (request, index) => {
    expectTypeOf(request).toEqualTypeOf<ReceivedRequest>()
    expectTypeOf(index).toBeNumber()
    return reply
  })
}
// @ts-expect-error: no such reply
void receiver('loud')

export async function databases() {
  await using database = await createTestDatabase({ url: 'postgresql://localhost/', template: 'a' })
  expectTypeOf(database.url).toBeString()
  await using api = await receiver()
  expectTypeOf(await api.waitForRequests(2, { within: '1s' })).toEqualTypeOf<readonly ReceivedRequest[]>()
}

// Only the matchers are added, and they are to be awaited.
expectTypeOf(expect(kit).toHaveSpawned({ channel: 'billing' }, { count: 1 })).toEqualTypeOf<Promise<void>>()
expectTypeOf(expect(kit).not.toHaveSpawned()).toEqualTypeOf<Promise<void>>()
// @ts-expect-error: no such filter
void expect(kit).toHaveSpawned({ chanel: 'billing' })
