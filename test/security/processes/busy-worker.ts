import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

/** A worker among bad receivers that tells, when asked to end, how much memory it took at most. */
const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string, options: '-c timezone=UTC' })
const requeuest = new Requeuest(new PrismaClient({ adapter }), { network: { allow: ['127.0.0.0/8'] } })

let mostBytes = 0
setInterval(() => {
  mostBytes = Math.max(mostBytes, process.memoryUsage.rss())
}, 20)
process.on('SIGTERM', () => {
  process.stdout.write(`${mostBytes}\n`, () => process.exit(0))
})

await requeuest.start({ channels: 'all', concurrency: 1200, concurrencyPerOrigin: 50 })
process.stdout.write('started\n')
