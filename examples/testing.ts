// What an application's tests look like: what was spawned, and what becomes of it when hours pass.
// In an app: import { http, Requeuest } from 'requeuest' and import { receiver, testing } from 'requeuest/testing'
import { http, Requeuest } from '../src/index.ts'
import { receiver, testing } from '../src/testing/index.ts'
import { prisma } from './shared/app.ts'

await using api = await receiver([503, 'reset', 200])
const requeuest = new Requeuest(prisma, { network: { allow: ['127.0.0.1'] } })
// Its name need not say that the database is one for tests, if it is named here.
const database = new URL(process.env['DATABASE_URL'] ?? '').pathname.slice(1)
const kit = testing(requeuest, { receivers: [api], database })

/** The application. */
async function placeOrder(order: number) {
  await requeuest.spawn('billing', http.post(`${api.url}/bills`, { json: { order, cents: 9900 } }))
  await requeuest.spawn('mails', http.post(`${api.url}/mails`, { json: { order } }), { delay: '1d' })
}

const spawned = await kit.spawnedBy(() => placeOrder(17))
console.log('spawned:', spawned.map(({ channel }) => channel).join(', '))
const [bill] = await kit.expectSpawned({ channel: 'billing', json: { order: 17 } }, { count: 1 })
console.log('bill:', bill.json())
await kit.expectSpawned({ channel: 'mails' }, { count: 2 }).catch((error) => console.log(error.message.split('\n')[0]))

const { state, attempts } = await kit.settled(bill.id)
console.log(state, 'after', attempts.map(({ status, errorCode }) => status ?? errorCode).join(', '))
console.log('an hour later:', await kit.drain({ until: '1h' }))
console.log('a day later:', await kit.drain({ until: '1d' }))
console.log('arrived:', api.requests.map(({ path }) => path).join(' '))

await kit.reset()
await prisma.$disconnect()
