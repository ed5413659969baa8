import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, beforeEach, inject, onTestFinished } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { Requeuest, type RequeuestOptions } from '../../src/index.ts'
import { asAdmin, createDatabase, databaseUrl } from './databases.ts'
import { type Handler, type Receiver, startReceiver } from './receiver.ts'

let databases = 0

/** A migrated database of its own, as a URL. */
export async function freshDatabase(): Promise<string> {
  const name = `test_${process.pid}_${Date.now().toString(36)}_${databases++}`
  return createDatabase(inject('serverUrl'), name, inject('templateName'))
}

/** A migrated database of its own in another encoding than the server's, as a URL. */
export async function databaseIn(encoding: string): Promise<string> {
  const name = `test_${process.pid}_${Date.now().toString(36)}_${databases++}`
  await asAdmin(inject('serverUrl'), (client) =>
    client.query(`CREATE DATABASE ${name} TEMPLATE template0 ENCODING '${encoding}' LOCALE 'C'`),
  )
  const url = databaseUrl(inject('serverUrl'), name)
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  await new Requeuest(prisma).migrate()
  await prisma.$disconnect()
  return url
}

export function connect(url: string, pool: { max?: number; options?: string } = {}): PrismaClient {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, ...pool }) })
  onTestFinished(() => prisma.$disconnect())
  return prisma
}

/** One migrated database for a test file, emptied before each test, with a client of it. */
export function useDatabase(): { readonly url: string; readonly prisma: PrismaClient } {
  let url: string
  let prisma: PrismaClient
  beforeAll(async () => {
    url = await freshDatabase()
    prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  })
  beforeEach(async () => {
    await prisma.$executeRaw`TRUNCATE requeuest_request, requeuest_attempt, requeuest_line, requeuest_schedule,
      requeuest_limit, requeuest_semaphore_lease, requeuest_worker, requeuest_activity`
  })
  afterAll(() => prisma.$disconnect())
  return {
    get url() {
      return url
    },
    get prisma() {
      return prisma
    },
  }
}

/** Fast retries and loopback receivers: what a test wants unless it says otherwise. */
const QUICK = {
  retry: { backoff: { base: 20, factor: 1, jitter: 'none' } },
  network: { allow: ['127.0.0.1'] },
} as const satisfies RequeuestOptions

/** An instance that the test's end stops. */
export function createRequeuest(prisma: PrismaClient, options: RequeuestOptions = {}): Requeuest {
  const requeuest = new Requeuest(prisma, { ...QUICK, ...options, retry: { ...QUICK.retry, ...options.retry } })
  onTestFinished(() => requeuest.stop({ timeout: 0 }))
  return requeuest
}

/** A receiver that the test's end stops. */
export async function receiverOf(handler?: Handler): Promise<Receiver> {
  const receiver = await startReceiver(handler)
  onTestFinished(() => receiver.stop())
  return receiver
}

/** A role that may use the tables, but connect no more than once. The test's end drops it. */
export async function loginOfOneConnection(prisma: PrismaClient): Promise<{ user: string; password: string }> {
  const user = `once_${process.pid}`
  await prisma.$executeRawUnsafe(`CREATE ROLE ${user} LOGIN PASSWORD 'secret' CONNECTION LIMIT 1`)
  onTestFinished(async () => {
    await prisma.$executeRawUnsafe(`DROP OWNED BY ${user}`)
    await prisma.$executeRawUnsafe(`DROP ROLE ${user}`)
  })
  await prisma.$executeRawUnsafe(`GRANT ALL ON ALL TABLES IN SCHEMA public TO ${user}`)
  return { user, password: 'secret' }
}
