// A dashboard in an application of its own: who may see it and who may act, and what was done.
// In an app: import { Requeuest } from 'requeuest'; import { createDashboard } from 'requeuest/dashboard'
import { createDashboard } from '../src/dashboard/index.ts'
import { Requeuest } from '../src/index.ts'
import { network, prisma, receiver } from './shared/app.ts'

const requeuest = new Requeuest(prisma, { network, retry: { maxAttempts: 1 } })
await requeuest.start({ channels: ['orders'] })
const id = await requeuest.spawn('orders', `${receiver}/broken`)
await requeuest.waitFor(id).catch(() => {})
await requeuest.stop()

const dashboard = createDashboard(requeuest, {
  basePath: '/admin/requests',
  access: ({ headers }) => {
    if (headers.get('cookie') === 'session=admin') return 'full'
    return headers.get('cookie') === 'session=support' && 'read'
  },
  user: ({ headers }) => headers.get('cookie'),
  onAction: ({ user, action, changed }) => console.log(`${user}: ${action}, ${changed} changed`),
})

// In Express: app.use('/admin/requests', dashboard.toNode()). In Next.js: export const { GET, POST } = dashboard.route
async function visit(cookie: string, path: string, form?: Record<string, string>) {
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  const sent = form ? { method: 'POST', body: new URLSearchParams(form) } : {}
  const page = new Request(`https://shop.example.com/admin/requests${path}`, { headers, ...sent })
  console.log(`${cookie} ${path.replace(id, '<id>')}: ${(await dashboard(page)).status}`)
}

await visit('session=somebody', '/')
await visit('session=support', '/failures')
await visit('session=support', `/requests/${id}`)
await visit('session=support', '/actions/redrive', { id })
await visit('session=admin', '/actions/redrive', { id })
console.log((await requeuest.find(id))?.state)

await prisma.$disconnect()
