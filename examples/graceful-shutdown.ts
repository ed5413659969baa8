// A worker process that runs until it gets a signal, and then completes the requests in flight.
// In an app: import { Requeuest } from 'requeuest'
import { once } from 'node:events'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

{
  await using _connections = { [Symbol.asyncDispose]: () => prisma.$disconnect() }
  // Leaving this block stops the worker, as `requeuest.stop()` would, and then closes the connections.
  await using requeuest = new Requeuest(prisma, { network, timeout: '10s' })
  requeuest.on('delivered', ({ channel }) => console.log(`delivered: ${channel}`))
  await requeuest.start({ channels: 'all', concurrency: 20 })

  await requeuest.spawn('orders', `${receiver}/slow`)
  console.log('running')
  const signal = await Promise.race(['SIGINT', 'SIGTERM'].map((name) => once(process, name).then(() => name)))
  console.log(`${signal}: finishing what is under way`)
}
console.log('stopped')
