// Urgent requests are sent first, however many are waiting.
// In an app: import { InvalidInputError, Requeuest } from 'requeuest'
import { InvalidInputError, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network })
const ids = await requeuest.spawnMany('mails', [
  { request: `${receiver}/newsletter`, options: { priority: 9 } },
  { request: `${receiver}/receipt` },
  { request: `${receiver}/password`, options: { priority: 0 } },
  { request: `${receiver}/tomorrow`, options: { priority: 0, delay: '1d' } },
])

// One slot, so that requests are sent one after another.
await requeuest.start({ channels: ['mails'], concurrency: 1 })
await Promise.all(ids.slice(0, 3).map((id) => requeuest.waitFor(id)))

await requeuest.spawn('mails', receiver, { priority: 10 }).catch((error) => {
  if (!(error instanceof InvalidInputError)) throw error
  console.log(error.message)
})
await requeuest.stop()
await prisma.$disconnect()
