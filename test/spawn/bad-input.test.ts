import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { InvalidInputError, Requeuest, RequeuestError } from '../../src/index.ts'
import { freshDatabase } from '../support/fixture.ts'
import { BAD_CALLS } from './bad-input/calls.ts'
import { BAD_OPTIONS } from './bad-input/options.ts'
import { BAD_REQUESTS } from './bad-input/requests.ts'
import { optionRows, type Row, requestRows, SECRET, URL_TEXT } from './bad-input/row.ts'

const TABLE: Row[] = [...BAD_REQUESTS.flatMap(requestRows), ...BAD_OPTIONS.flatMap(optionRows), ...BAD_CALLS]

let prisma: PrismaClient
let requeuest: Requeuest
beforeAll(async () => {
  prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: await freshDatabase() }) })
})
afterAll(() => prisma.$disconnect())
beforeEach(() => {
  requeuest = new Requeuest(prisma)
})

async function refusal(call: Row[1]): Promise<unknown> {
  try {
    const returned = await call({ requeuest, prisma })
    return new Error(`it was let through and returned ${String(returned)}`)
  } catch (error) {
    return error
  } finally {
    await requeuest.stop()
  }
}

test.each(TABLE)('%s is refused before anything is written', async (_, call, field, message) => {
  const error = await refusal(call)
  expect(error).toBeInstanceOf(InvalidInputError)
  expect(error).toBeInstanceOf(RequeuestError)
  const { message: said, ...rest } = error as InvalidInputError & { message: string }
  expect({ said, ...rest }).toMatchObject({ code: 'invalid_input', field })
  expect(said.startsWith(`${field} must be `), said).toBe(true)
  expect(said).toContain(message)
  expect(said).not.toContain(SECRET)
  expect(said).toMatch(/^[^\p{Cc}\p{Cs}]+$/u)
  // What is shown of the value is short, and so is all of it.
  expect(said.slice(said.lastIndexOf(', got ')).length).toBeLessThan(120)
  expect(said.length).toBeLessThan(500)
  expect((await prisma.httpRequest.deleteMany()).count).toBe(0)
})

test('a second start is refused while the first one runs, also when both come at once', async () => {
  const already = { code: 'already_started' }
  const starts = await Promise.allSettled([requeuest.start({ channels: 'all' }), requeuest.start({ channels: 'all' })])
  expect(starts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  expect((starts[1] as PromiseRejectedResult).reason).toMatchObject(already)
  await expect(requeuest.start({ channels: ['billing'] })).rejects.toMatchObject(already)
  await requeuest.stop()
  await requeuest.start({ channels: ['billing'] })
  await requeuest.stop()
})

test('an aborted signal is refused with its reason before anything is written', async () => {
  const reason = new Error('changed my mind')
  const signal = AbortSignal.abort(reason)
  await expect(requeuest.spawnReturning('billing', URL_TEXT, { signal })).rejects.toBe(reason)
  expect((await prisma.httpRequest.deleteMany()).count).toBe(0)
})
