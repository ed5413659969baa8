import { PrismaPg } from '@prisma/adapter-pg'
import { expect, onTestFinished, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { createRequeuest, loginOfOneConnection, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** A client whose connections have this name. */
function named(name: string, config: { max?: number; user?: string; password?: string } = {}) {
  const url = new URL(database.url)
  if (config.user) Object.assign(url, { username: config.user, password: config.password })
  const adapter = new PrismaPg({ connectionString: String(url), application_name: name, max: config.max ?? 10 })
  const prisma = new PrismaClient({ adapter })
  onTestFinished(() => prisma.$disconnect())
  return prisma
}

async function connections(name: string): Promise<number> {
  const [row] = await database.prisma.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int FROM pg_stat_activity WHERE application_name = ${name}`
  return row!.count
}

test('a pool of one connection is enough to start and to deliver with', async () => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(named('single', { max: 1 }))
  await requeuest.start({ channels: 'all', listen: false })
  expect(await requeuest.spawnReturning('a', receiver.url)).toMatchObject({ status: 200 })
  expect(await connections('single')).toBe(1)
})

test('a role that may connect but once can start, although the pool would connect more often', async () => {
  const login = await loginOfOneConnection(database.prisma)
  const prisma = named('once', { ...login })
  const requeuest = createRequeuest(prisma)
  requeuest.on('error', () => {})
  requeuest.on('warning', () => {})
  await requeuest.start({ channels: 'all' })
  await requeuest.stop()
  await prisma.$disconnect()
})
