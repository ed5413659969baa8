import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

/** Calls start, stop and dispose in one order after another, and ends only if nothing is left that keeps it alive. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string }) })
const orders = [
  'start stop',
  'start hurry start',
  'stop start dispose',
  'start start stop hurry',
  'start dispose dispose',
]

for (const order of orders) {
  const requeuest = new Requeuest(prisma)
  const calls: Record<string, () => Promise<void>> = {
    start: () => requeuest.start({ channels: ['a'] }),
    stop: () => requeuest.stop(),
    hurry: () => requeuest.stop({ timeout: 0 }),
    dispose: () => requeuest[Symbol.asyncDispose](),
  }
  await Promise.allSettled(order.split(' ').map((call) => calls[call]?.()))
  await requeuest.stop()
}

// SIGTERM while it starts.
const requeuest = new Requeuest(prisma)
process.once('SIGTERM', async () => {
  await requeuest.stop()
  await prisma.$disconnect()
})
const started = requeuest.start({ channels: ['a'] })
process.kill(process.pid, 'SIGTERM')
await started
process.stdout.write('started\n')
