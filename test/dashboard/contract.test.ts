import { IncomingMessage } from 'node:http'
import { describe, test } from 'vitest'
import { createDashboard } from '../../src/dashboard/index.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'
import { CONTRACT, type Site } from './contract.ts'
import { Doorman } from './doorman.ts'
import { askOverHttp } from './over-http.ts'
import { served } from './served.ts'

const database = useDatabase()

const SITES: Record<string, (basePath: string) => Promise<Site>> = {
  'a web standard Request': async (basePath) => {
    const native = { framework: 'own' }
    const doorman = new Doorman((given) => given === native)
    const dashboard = createDashboard(instance(), { access: doorman.access, basePath })
    return {
      basePath,
      seen: async () => doorman.seen,
      ask: async (path, { headers, ...init } = {}) => {
        const request = new Request(`http://localhost${path}`, { ...init, headers: { host: 'localhost', ...headers } })
        const response = await dashboard(request, native)
        return { status: response.status, headers: response.headers, text: await response.text() }
      },
    }
  },
  "Node's http": async (basePath) => {
    const doorman = new Doorman((given) => given instanceof IncomingMessage)
    const url = await served(createDashboard(instance(), { access: doorman.access, basePath }).toNode())
    return { basePath, seen: async () => doorman.seen, ask: (path, asked) => askOverHttp(url, path, asked) }
  },
}

describe.each(Object.keys(SITES))('by %s', (name) => {
  describe.each(['', '/admin/requests'])('at %j', (basePath) => {
    test.each(Object.keys(CONTRACT))('%s', async (rule) => {
      await CONTRACT[rule]!(await SITES[name]!(basePath))
    })
  })
})

/** An instance of which nothing is said on the console. */
function instance() {
  const requeuest = createRequeuest(database.prisma)
  requeuest.on('error', () => {})
  return requeuest
}
