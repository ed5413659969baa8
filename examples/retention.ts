// How long the history is kept.
// In an app: import { http, Requeuest } from 'requeuest'
import { setTimeout as sleep } from 'node:timers/promises'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const retention = { delivered: '7d', failed: '90d', bodies: '1d' } as const
const requeuest = new Requeuest(prisma, { network, retention, retry: { maxAttempts: 1 } })

await requeuest.start({ channels: ['audit'] })
const order = http.post(`${receiver}/orders`, { json: { order: 17 } })
const ids = [await requeuest.spawn('audit', order), await requeuest.spawn('audit', `${receiver}/broken`)]
for (const id of ids) await requeuest.waitFor(id).catch((error) => console.log(error.code))
await requeuest.stop()

// A week passes.
await prisma.$executeRaw`UPDATE requeuest_request SET finished_at = finished_at - interval '8 days'`
await requeuest.start({ channels: ['audit'] })
while ((await prisma.httpRequest.count({ where: { bodiesPruned: false } })) > 0) await sleep(50)

const [delivered, failed] = await Promise.all(ids.map((id) => requeuest.find(id)))
console.log('delivered:', delivered)
console.log('failed:', failed?.failureCode, 'after', failed?.attempts.length, 'attempt')
console.log('its bodies are gone:', failed?.bodiesPruned, failed?.attempts[0]?.body)

await requeuest.stop()
await prisma.$disconnect()
