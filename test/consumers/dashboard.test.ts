import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { CONTRACT, type Site } from '../dashboard/contract.ts'
import { askOverHttp } from '../dashboard/over-http.ts'
import { createProject, type Project } from './support/project.ts'
import { serve } from './support/serve.ts'

const here = import.meta.dirname
const doorman = path.join(here, '../dashboard/doorman.ts')

test.each([
  ['http', 'plain'],
  ['express', 'plain'],
  ['express', 'parsed'],
  ['fastify', 'plain'],
  ['hono', 'plain'],
  ['hono', 'mounted'],
])('%s serves the dashboard at the root and below a path: %s', async (framework, variant) => {
  const project = await createProject('dashboard')
  cpSync(doorman, path.join(project.folder, 'src/doorman.ts'))
  await project.run('tsc')
  for (const basePath of ['', '/admin/requests']) {
    const env = { BASE_PATH: basePath, VARIANT: variant }
    const { url } = await serve(project, [`dist/${framework}.js`], 'listening', env)
    await expectContract(siteAt(url, basePath))
    if (basePath === '') continue
    // What is outside is the framework's.
    for (const outside of ['/after', '/after?x=/admin/requests']) {
      expect(await askOverHttp(url, outside)).toMatchObject({ status: 200, text: 'after' })
    }
  }
})

test('Next.js serves the dashboard at the root and below a path', async () => {
  const project = await createProject('next')
  addDashboard(project, ['', '/admin/requests'])
  await project.run('next', 'build')
  const server = `.next/standalone/${path.basename(project.folder)}/server.js`
  const { url } = await serve(project, [server], 'Ready')
  for (const basePath of ['', '/admin/requests']) await expectContract(siteAt(url, basePath))
})

function siteAt(url: string, basePath: string): Site {
  return {
    basePath,
    ask: (address, asked) => askOverHttp(url, address, asked),
    seen: async () => JSON.parse((await askOverHttp(url, '/seen')).text) ?? undefined,
  }
}

async function expectContract(site: Site): Promise<void> {
  for (const [rule, check] of Object.entries(CONTRACT)) {
    try {
      await check(site)
    } catch (error) {
      throw new Error(`At ${JSON.stringify(site.basePath)} it is not so that ${rule}`, { cause: error })
    }
  }
}

/** Adds the dashboard to the Next.js application that there is. */
function addDashboard({ folder }: Project, basePaths: readonly string[]): void {
  const files: [from: string, to: string][] = [
    ['dashboard.ts.txt', 'lib/dashboard.ts'],
    ['seen.ts.txt', 'app/seen/route.ts'],
    ...basePaths.map((basePath): [string, string] => ['route.ts.txt', `app${basePath}/[[...path]]/route.ts`]),
  ]
  cpSync(doorman, path.join(folder, 'lib/doorman.ts'))
  for (const [from, to] of files) {
    const [, basePath = ''] = /^app(.*)\/\[\[/.exec(to) ?? []
    mkdirSync(path.dirname(path.join(folder, to)), { recursive: true })
    writeFileSync(
      path.join(folder, to),
      readFileSync(path.join(here, 'dashboard/next', from), 'utf8').replace('BASE_PATH', basePath),
    )
  }
}
