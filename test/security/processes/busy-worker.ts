import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

/** A worker among bad receivers that tells, when asked to end, how much memory they took at most. */
const adapter = new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string, options: '-c timezone=UTC' })
const prisma = new PrismaClient({ adapter })
const requeuest = new Requeuest(prisma, { network: { allow: ['127.0.0.0/8'] } })

// What Node and Prisma take before anything is sent differs from machine to machine, and so does how long garbage is left
// lying about.
setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')
const memory = () => {
  collectGarbage()
  return process.memoryUsage.rss()
}
await prisma.httpRequest.count()
const atRestBytes = memory()
let mostBytes = atRestBytes
setInterval(() => {
  mostBytes = Math.max(mostBytes, memory())
}, 100)
process.on('SIGTERM', () => {
  process.stdout.write(`${mostBytes - atRestBytes}\n`, () => process.exit(0))
})

// Three quarters of the slots are enough for all the bad ones.
await requeuest.start({ channels: 'all', concurrency: 1400, concurrencyPerOrigin: 50 })
process.stdout.write('started\n')
