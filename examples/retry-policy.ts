// What counts as success, how often and how fast a request is tried again, and when it is given up.
// In an app: import { http, RequestFailedError, Requeuest } from 'requeuest'
import { http, RequestFailedError, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

// Policies of the instance; each spawn may have its own.
const backoff = { base: '100ms', factor: 2, max: '2s', jitter: 'equal' } as const
const requeuest = new Requeuest(prisma, { network, retry: { backoff, maxAttempts: 10 }, timeout: '5s' })
await requeuest.start({ channels: ['retries'] })

// Answers 503 with `Retry-After: 1` first. That is honoured, up to `retry.backoff.max`.
const busy = await requeuest.spawnReturning('retries', `${receiver}/busy`)
console.log(`busy: ${busy.status} at try ${busy.attempts}`)

// What is gone already need not be deleted: 404 and 410 are a success here.
const gone = await requeuest.spawnReturning('retries', http.delete(`${receiver}/gone`), { accept: ['2xx', 404, 410] })
console.log(`gone: ${gone.status} at try ${gone.attempts}`)

try {
  await requeuest.spawnReturning('retries', `${receiver}/broken`, {
    retry: { maxAttempts: 3, backoff: { base: '20ms' } },
  })
} catch (error) {
  if (!(error instanceof RequestFailedError)) throw error
  console.log(`broken: ${error.failureCode}`)
  const found = await requeuest.find(error.requestId)
  for (const { number, outcome, status } of found?.attempts ?? []) console.log(`  try ${number}: ${outcome}, ${status}`)
}

await requeuest.stop()
await prisma.$disconnect()
