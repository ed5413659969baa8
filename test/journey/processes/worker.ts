import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

/** A worker process as an application would have one. Says `started` when it is. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string }) })
const requeuest = new Requeuest(prisma, {
  network: { allow: ['127.0.0.1'] },
  retry: { backoff: { base: 20, jitter: 'none' } },
})

process.once('SIGTERM', async () => {
  await requeuest.stop()
  await prisma.$disconnect()
})

await requeuest.start({ channels: 'all', concurrency: 10 })
process.stdout.write('started\n')
