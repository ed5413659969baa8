import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

/** Drains once and prints what that did. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string }) })
const requeuest = new Requeuest(prisma, {
  network: { allow: ['127.0.0.1'] },
  retry: { backoff: { base: 20, factor: 1, jitter: 'none' } },
})
requeuest.on('claimLost', ({ number }) => console.log(`lost attempt ${number}`))

const { attempts, delivered, stopped } = await requeuest.drain({ channels: ['a'], budget: '10s' })
console.log(JSON.stringify({ attempts, delivered, stopped }))
await prisma.$disconnect()
