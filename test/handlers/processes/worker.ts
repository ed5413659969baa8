import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'
import { wrapClient } from '../../faults/wrapped-client.ts'
import { addEffect } from '../effects.ts'

/** A worker with a handler that is gone at the point `DIE_AT` of its work. */
const { DATABASE_URL, DIE_AT } = process.env

function reach(point: string): void {
  if (point !== DIE_AT) return
  process.kill(process.pid, 'SIGKILL')
  for (;;);
}

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE_URL as string }) })
const client = wrapClient(prisma, async ({ name, nth, run }) => {
  reach(`before ${name} #${nth}`)
  const answer = await run()
  reach(`after ${name} #${nth}`)
  return answer
})
const requeuest = new Requeuest(client, { network: { allow: ['127.0.0.1'] } }).onSettled(
  'a',
  async ({ tx, request }) => {
    await addEffect(tx, request)
    reach('in the handler')
  },
)

process.stdout.write('started\n')
await requeuest.start({ channels: ['a'], concurrency: 1 })
