// Events of a process while its worker runs.
// In an app: import { http, Requeuest } from 'requeuest'
import { http, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, retry: { backoff: { base: '20ms' }, maxAttempts: 2 } })

requeuest
  .on('attempt', ({ number, outcome, status, errorCode, retryInMs }) => {
    const next = retryInMs === null ? 'the last' : 'another follows'
    console.log(`attempt ${number}: ${outcome} ${status ?? errorCode}, ${next}`)
  })
  .on('delivered', ({ attempts, status }) => console.log(`delivered with ${status} after ${attempts}`))
  .on('failed', ({ attempts, failureCode }) => console.log(`failed with ${failureCode} after ${attempts}`))
  .on('rescued', ({ workerId, number }) => console.log(`${workerId} did not report on attempt ${number}`))
  .on('claimLost', ({ requestId }) => console.log(`reported too late on ${requestId}`))
  // Without a listener, these two become process warnings.
  .on('error', (error) => console.log(`will be retried: ${error.code}`))
  .on('warning', ({ message }) => console.log(message))

await requeuest.start({ channels: ['events'] })
const sent = [http.get(`${receiver}/fine`), http.get(`${receiver}/broken`)]
for (const request of sent) {
  await requeuest.spawnReturning('events', request).catch((error) => console.log(error.name))
}

await requeuest.stop()
await prisma.$disconnect()
