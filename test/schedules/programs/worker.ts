import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'
import { wrapClient } from '../../faults/wrapped-client.ts'

/**
 * A worker process that is gone `during` the nth time that it fires a schedule, or `after` it, before it knows: `DIE_AT` is
 * such as `during 3`. Without it, it works until it is told to stop.
 */
const { DATABASE_URL, CHANNEL, DIE_AT } = process.env
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE_URL as string }) })
const client = wrapClient(prisma, async ({ name, nth, run }) => {
  const at = name === 'fireSchedule' ? nth : 0
  const running = run()
  // By then the statement is on its way.
  setImmediate(() => dieAt(`during ${at}`))
  const answer = await running
  dieAt(`after ${at}`)
  return answer
})

function dieAt(point: string): void {
  if (point === DIE_AT) process.kill(process.pid, 'SIGKILL')
}

const requeuest = new Requeuest(client, { network: { allow: ['127.0.0.1'] } })
process.once('SIGTERM', async () => {
  await requeuest.stop()
  await prisma.$disconnect()
})
await requeuest.start({ channels: [CHANNEL as string] })
process.stdout.write('started\n')
