import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { expect, inject, test, vi } from 'vitest'
import { expectDelivered, waitUntilDelivered } from './support/check.ts'
import { createProject } from './support/project.ts'
import { fetchJson, serve } from './support/serve.ts'
import { expectService } from './support/service.ts'

test.each(['turbopack', 'webpack'])(
  'a standalone Next.js application of %s delivers from its routes, by the worker of its instrumentation',
  async (bundler) => {
    await expectService('next', {
      build: async (project) => {
        await project.run('next', 'build', `--${bundler}`)
        // Next keeps the path from the folder that has the lockfile, as in a monorepo.
        return `.next/standalone/${path.basename(project.folder)}/server.js`
      },
      ready: 'Ready',
      env: { NEXT_MANUAL_SIG_HANDLE: 'true' },
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
