import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

/** The first thing that somebody new tries, without a look at what became of it. */
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] as string }) })
const requeuest = new Requeuest(prisma)
await requeuest.start({ channels: ['first'] })
const id = await requeuest.spawn('first', 'http://localhost:3000/')
await requeuest.waitFor(id).catch(() => {})
await requeuest.stop()
await prisma.$disconnect()
