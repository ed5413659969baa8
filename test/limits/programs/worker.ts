import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

/** A worker process of the channel `limited`, until it is told to stop. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string }) })
const requeuest = new Requeuest(prisma, { network: { allow: ['127.0.0.1'] }, timeout: 5000 })
process.once('SIGTERM', async () => {
  await requeuest.stop()
  await prisma.$disconnect()
})
await requeuest.start({ channels: ['limited'] })
process.stdout.write('started\n')
