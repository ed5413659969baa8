import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'
import { prometheus } from '../../../src/prometheus/index.ts'

// A worker that measures, and prints what it would answer a Prometheus as a line of JSON, for as long as it runs.

const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL'] ?? '', max: 1 }),
})
const requeuest = new Requeuest(prisma)
const metrics = prometheus(requeuest)
await requeuest.start({ channels: ['served'] })
while ((await requeuest.inspect.workers()).every(({ pid }) => pid !== process.pid)) await sleep(20)
const response = await metrics(new Request('http://localhost/metrics'))
console.log(JSON.stringify(await response.text()))
console.log('started')
