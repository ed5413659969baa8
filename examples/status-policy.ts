// Which statuses are retried, which fail at once, and a function that inspects the response.
// In an app: import { RequestFailedError, Requeuest } from 'requeuest'
import { RequestFailedError, Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, {
  network,
  preset: 'api', // A 4xx fails at once, except 408, 409, 425 and 429.
  retry: { backoff: { delays: [20, 50, 100], jitter: 'none' } },
  channels: {
    // This receiver responds to everything with 200; the body says what it means.
    reports: {
      decide: ({ attempt }) => {
        if (attempt.status !== 200 || attempt.number > 1) return undefined
        console.log(`  at first: ${new TextDecoder().decode(attempt.body ?? undefined)}`)
        return { retryIn: '10ms' }
      },
    },
  },
})
await requeuest.start({ channels: ['orders', 'reports'] })

for (const [path, options] of [
  ['/gone', {}],
  ['/broken', { retry: { onStatus: { 500: 'fail' } } }],
  ['/busy', { retry: { onStatus: { 503: { base: '10ms' } } } }],
] as const) {
  try {
    const { status, attempts } = await requeuest.spawnReturning('orders', receiver + path, options)
    console.log(`${path}: ${status} at attempt ${attempts}`)
  } catch (error) {
    if (!(error instanceof RequestFailedError)) throw error
    console.log(`${path}: ${error.failureCode}, ${error.lastError}`)
  }
}
const report = await requeuest.spawnReturning('reports', `${receiver}/report`)
console.log(`/report: ${report.status} at attempt ${report.attempts}`)

await requeuest.stop()
await prisma.$disconnect()
