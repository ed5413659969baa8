// Spawns one request, of which it tells workers in other processes.
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '' }) })
const requeuest = new Requeuest(prisma, { notify: true, network: { allow: ['127.0.0.1'] } })
await requeuest.spawn('from-elsewhere', process.env['URL'] ?? '')
await prisma.$disconnect()
console.log('started')
