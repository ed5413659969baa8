import { test } from 'vitest'
import { expectService } from './support/service.ts'

test.each(['express', 'hono'])(
  'an application of %s delivers and stops when its server has closed',
  async (framework) => {
    await expectService('servers', {
      build: async (project) => {
        await project.run('tsc')
        return `dist/${framework}.js`
      },
      ends: { code: 0 },
    })
  },
)
