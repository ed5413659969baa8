import { PrismaPg } from '@prisma/adapter-pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { http } from '../../src/index.ts'
import { instrument } from '../../src/otel/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import { startSdk } from './sdk.ts'

const database = useDatabase()

/** A client that notes the text of each statement. */
function listening(): { prisma: PrismaClient; statements: string[] } {
  const adapter = new PrismaPg({ connectionString: database.url })
  const prisma = new PrismaClient({ adapter, log: [{ emit: 'event', level: 'query' }] })
  onTestFinished(() => prisma.$disconnect())
  const statements: string[] = []
  // Prisma's own, by which the library learns where the tables are, names all columns.
  prisma.$on('query', ({ query }) => query.includes('/* requeuest:') && statements.push(query))
  return { prisma, statements }
}

const makers = (statements: string[]) =>
  new Set(statements.map((text) => /requeuest:(\w+) /.exec(text)?.[1]).filter((maker) => maker !== undefined))

async function useAll(isInstrumented: boolean) {
  startSdk()
  const { prisma, statements } = listening()
  const receiver = await receiverOf()
  const requeuest = createRequeuest(prisma)
  if (isInstrumented) instrument(requeuest)
  const request = () => http.get(receiver.url)
  await requeuest.spawn('a', request())
  await requeuest.spawnMany('a', [request(), request()])
  await requeuest.schedule('s', { cron: '@yearly', channel: 'a', request: request() })
  await requeuest.runSchedule('s')
  await requeuest.drain({ channels: 'all', budget: '60s' })
  await requeuest.start({ channels: 'all' })
  await requeuest.spawnReturning('a', request())
  await requeuest.stop()
  expect(receiver.requests).toHaveLength(5)
  return statements
}

const CONCERNED = ['insertRequest', 'insertRequests', 'fireSchedule', 'claimRequests']

test('without instrumentation no statement names the column of the trace', async () => {
  const statements = await useAll(false)
  expect([...makers(statements)]).toEqual(expect.arrayContaining(CONCERNED))
  expect(statements.filter((text) => text.includes('trace_context'))).toEqual([])
})

test('with instrumentation those that write and claim requests do', async () => {
  const statements = await useAll(true)
  const naming = makers(statements.filter((text) => text.includes('trace_context')))
  expect([...naming].toSorted()).toEqual(CONCERNED.toSorted())
})
