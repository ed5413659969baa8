import { describe, test } from 'vitest'
import type { Project } from './support/project.ts'
import { expectService } from './support/service.ts'

const env = { NEXT_TELEMETRY_DISABLED: '1', NEXT_MANUAL_SIG_HANDLE: 'true' }

describe.each(['turbopack', 'webpack'])('a Next.js application built with %s', (bundler) => {
  test('delivers from its routes with the worker of its instrumentation', async () => {
    const build = async (project: Project) => {
      await project.run('next', 'build', `--${bundler}`)
      return '.next/standalone/server.js'
    }
    await expectService('next', build, { code: 0, signal: null }, { as: `next_${bundler}`, env })
  })
})
