import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, inject, test, vi } from 'vitest'
import { asAdmin } from '../support/databases.ts'
import { expectDelivered, waitUntilDelivered } from './support/check.ts'
import { createProject, type Project } from './support/project.ts'
import { fetchJson, serve } from './support/serve.ts'
import { expectService } from './support/service.ts'

const CRON_SECRET = 'known to the timer'

/** Nothing sends reports but the route that a timer calls, and what a route does after its response. */
async function expectDrains(url: string, { databaseUrl }: Project): Promise<void> {
  expect((await fetch(`${url}/api/cron`)).status).toBe(401)
  const states = async () => {
    const text = "SELECT state FROM requeuest_request WHERE channel = 'reports'"
    return (await asAdmin(databaseUrl, (client) => client.query(text))).rows.map(({ state }) => state)
  }
  await fetchJson(`${url}/reports`, { method: 'POST' })
  await vi.waitUntil(async () => (await states()).includes('delivered'), { timeout: 20_000 })
  await asAdmin(databaseUrl, (client) =>
    client.query("UPDATE requeuest_request SET state = 'pending', run_at = now() WHERE channel = 'reports'"),
  )
  const headers = { authorization: `Bearer ${CRON_SECRET}` }
  const drained = await (await fetch(`${url}/api/cron`, { method: 'POST', headers })).json()
  expect(drained).toMatchObject({ attempts: 1, delivered: 1, stopped: 'idle' })
  expect(await states()).toEqual(['delivered'])
}

test.each(['turbopack', 'webpack'])(
  'a standalone Next.js application of %s delivers by the worker of its instrumentation, and drains in its routes',
  async (bundler) => {
    await expectService('next', {
      build: async (project) => {
        await project.run('next', 'build', `--${bundler}`)
        // Next keeps the path from the folder that has the lockfile, as in a monorepo.
        return `.next/standalone/${path.basename(project.folder)}/server.js`
      },
      ready: 'Ready',
      env: { NEXT_MANUAL_SIG_HANDLE: 'true', CRON_SECRET },
      also: expectDrains,
      ends: { code: 0 },
    })
  },
)

test('hot reloads of Next.js leave the one instance that there is', async () => {
  const project = await createProject('next')
  const edit = (file: string, change: (text: string) => string) => {
    const full = path.join(project.folder, file)
    writeFileSync(full, change(readFileSync(full, 'utf8')))
  }
  edit('lib/requeuest.ts', (text) => {
    return `${text.replace('function create() {', "$&\n  console.log('created')")}\nexport const reloads = 0\n`
  })
  edit('app/orders/route.ts', (text) => {
    return `import { reloads } from '@/lib/requeuest'\n${text}\nexport const GET = () => Response.json({ id: String(reloads) })`
  })
  const next = createRequire(path.join(inject('consumers'), 'package.json')).resolve('next/dist/bin/next')
  const service = await serve(project, [next, 'dev'], 'Ready')
  for (const reloads of [1, 2]) {
    edit('lib/requeuest.ts', (text) => text.replace(/reloads = \d/, `reloads = ${reloads}`))
    await vi.waitUntil(async () => (await fetchJson(`${service.url}/orders`)).id === String(reloads), {
      timeout: 60_000,
    })
    await fetchJson(`${service.url}/orders`, { method: 'POST' })
    await project.receiver.waitForRequests(reloads)
  }
  await waitUntilDelivered(project, 2)
  service.kill('SIGTERM')
  const { output, errors } = await service.ended
  expect(output.match(/created/g)).toHaveLength(1)
  expect(errors).toBe('')
  await expectDelivered(project, 2)
})
