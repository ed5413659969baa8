// What an operator asks at night: what is stuck, what fails, and who is there.
// In an app: import { Requeuest } from 'requeuest'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, retry: { maxAttempts: 1 } })
const ids = await requeuest.spawnMany(
  'orders',
  ['/1', '/2', '/broken', '/broken'].map((path) => receiver + path),
)
await requeuest.spawn('mail', `${receiver}/mail`, { runAt: new Date(Date.now() - 600_000) })
await requeuest.spawn('mail', `${receiver}/mail`, { delay: '1h' })
await requeuest.start({ channels: ['orders'] })
for (const id of ids) await requeuest.waitFor(id).catch(() => {})

const { inspect } = requeuest
for (const { channel, due, delayed, oldestDueMs, workers } of await inspect.channels()) {
  console.log(`${channel}: ${due.count} due, ${delayed.count} delayed, ${workers} workers`)
  console.log('the first is late by ten minutes:', Number(oldestDueMs) >= 600_000)
}

const { groups } = await inspect.failures({ within: '1h' })
for (const { origin, outcome, status, count, where } of groups) {
  console.log('the receiver:', origin === receiver, outcome, status, count)
  console.log(await requeuest.redrive(where, { dryRun: true }))
}

const { requests } = await inspect.requests({ channel: 'orders', state: 'delivered' }, { limit: 10 })
console.log(requests.map(({ url, lastAttempt }) => `${url.slice(receiver.length)} ${lastAttempt?.status}`).join())
console.log(await inspect.count({ state: { in: ['pending', 'claimed'] } }))
const outcomes = (await inspect.outcomes()).groups.map(({ outcome, count }) => `${outcome} ${count}`)
console.log('outcomes:', outcomes.sort().join())

// The worker adds what it has counted when it stops.
await requeuest.stop()
for (const { name, attempts, accepted, failed } of (await inspect.activity({ by: 'channel', within: '1h' })).series) {
  console.log(`${name} in the last hour: ${accepted} of ${attempts} attempts accepted, ${failed} requests failed`)
}
console.log('workers:', (await inspect.workers()).length)
await prisma.$disconnect()
