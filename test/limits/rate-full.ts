import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { createDatabase } from '../support/databases.ts'
import { migrateDeploy } from '../support/migrate.ts'
import { startPostgres } from '../support/postgres.ts'
import { mostWithin, perSecond } from './measure.ts'
import { runAtRate } from './rate-processes.ts'

/* What test/limits/rate.test.ts looks at in short: 100 a second, shared by four processes, for 30 s. */
const RUN = { processes: 4, rate: 100, seconds: 30 }
const TOLERANCE = 0.05

const postgres = await startPostgres({})
const url = await createDatabase(postgres.url, 'rate')
await migrateDeploy(url)
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
const times = await runAtRate(url, prisma, RUN)
await prisma.$disconnect()
await postgres.stop()

const off = times.length / (RUN.rate * RUN.seconds) - 1
const counts = perSecond(times, RUN.seconds)
console.log(`${times.length} in ${RUN.seconds} s: ${(off * 100).toFixed(2)} % off`)
console.log(`each second: ${counts.join(' ')}`)
console.log(`at most ${mostWithin(times, 1000)} within any second`)
process.exitCode = Math.abs(off) > TOLERANCE ? 1 : 0
