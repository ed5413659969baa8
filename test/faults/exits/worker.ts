import { subscribe } from 'node:diagnostics_channel'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../generated/prisma/client.ts'
import { Requeuest } from '../../../src/index.ts'
import { wrapClient } from '../wrapped-client.ts'

/** A worker that is gone at the point `DIE_AT` of its work, and that is told to stop at the point `STOP_AT`. */
const { DATABASE_URL, CHANNEL, DIE_AT, STOP_AT, STOP_TIMEOUT_MS } = process.env

const points = {
  'undici:request:create': 'created',
  'undici:client:sendHeaders': 'connected',
  'undici:request:bodySent': 'sent',
  'undici:request:trailers': 'answered',
}
for (const [channel, point] of Object.entries(points)) {
  let nth = 0
  subscribe(channel, () => reach(`${point} #${++nth}`))
}

/** Claims that found some. The first one gives back what is written by hand, with its origin; the maintenance may have it locked then. */
let claims = 0
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE_URL as string }) })
const client = wrapClient(prisma, async ({ name, nth, run }) => {
  reach(`before ${name} #${nth}`)
  const answer = await run()
  reach(`after ${name} #${nth}`)
  if (name === 'claimRequests' && (answer as unknown[][])[0]?.length) reach(`claimed #${++claims}`)
  return answer
})
const requeuest = new Requeuest(client, { network: { allow: ['127.0.0.1'] } }).on('error', () => {})

function reach(point: string): void {
  if (point === DIE_AT) {
    process.kill(process.pid, 'SIGKILL')
    for (;;);
  }
  if (point === STOP_AT) {
    void requeuest.stop({ timeout: Number(STOP_TIMEOUT_MS) })
    setImmediate(reach, 'stopping')
  }
}

process.stdout.write('started\n')
await requeuest.start({ channels: [CHANNEL as string], concurrency: 1 })
