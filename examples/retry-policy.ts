// What counts as success, how often and how soon a request is retried, and when it fails.
// In an app: import { http, RequestFailedError, Requeuest } from 'requeuest'
import { http, RequestFailedError, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

// Policies of the instance; each spawn may override them.
const backoff = { base: '100ms', factor: 2, max: '2s', jitter: 'equal' } as const
const requeuest = new Requeuest(prisma, { network, retry: { backoff, maxAttempts: 10 }, timeout: '5s' })
await requeuest.start({ channels: ['retries'] })

// Responds with 503 and `Retry-After: 1` first, which is honoured up to `retry.backoff.max`.
const busy = await requeuest.spawnReturning('retries', `${receiver}/busy`)
console.log(`busy: ${busy.status} at attempt ${busy.attempts}`)

// A resource that is gone need not be deleted: 404 and 410 are successes here.
const gone = await requeuest.spawnReturning('retries', http.delete(`${receiver}/gone`), { accept: ['2xx', 404, 410] })
console.log(`gone: ${gone.status} at attempt ${gone.attempts}`)

try {
  await requeuest.spawnReturning('retries', `${receiver}/broken`, {
    retry: { maxAttempts: 3, backoff: { base: '20ms' } },
  })
} catch (error) {
  if (!(error instanceof RequestFailedError)) throw error
  console.log(`broken: ${error.failureCode}`)
  const found = await requeuest.find(error.requestId)
  for (const { number, outcome, status } of found?.attempts ?? [])
    console.log(`  attempt ${number}: ${outcome}, ${status}`)
}

await requeuest.stop()
await prisma.$disconnect()
