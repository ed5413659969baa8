// Sends what is due without a worker: a route that a timer calls, in a function that does not stay.
// In an app: import { http, Requeuest } from 'requeuest'; import { cronRoute } from 'requeuest/serverless'
import { http, Requeuest } from '../src/index.ts'
import { cronRoute } from '../src/serverless/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, timeout: '5s' })
await requeuest.spawn('billing', http.post(`${receiver}/invoices`, { json: { order: 17 } }))
await requeuest.spawn('reports', `${receiver}/reports`, { timeout: '1m' })

// In Next.js this is `export const GET = cronRoute(…)` in app/api/cron/route.ts.
const GET = cronRoute(requeuest, { secret: 'from the environment', channels: 'all', budget: '10s' })

const url = 'https://shop.example.com/api/cron'
console.log((await GET(new Request(url))).status)
const response = await GET(new Request(url, { headers: { authorization: 'Bearer from the environment' } }))
console.log(await response.json())

// A report may take a minute, so it does not fit in ten seconds. Without a budget, all that is due is sent.
console.log(await requeuest.drain({ channels: ['reports'] }))
await prisma.$disconnect()
