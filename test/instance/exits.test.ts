import { once } from 'node:events'
import path from 'node:path'
import { expect, test } from 'vitest'
import { useDatabase } from '../support/fixture.ts'
import { startProcess } from '../support/processes.ts'

const database = useDatabase()

test('a process whose last call was stop() ends by itself, also when that came while it started', async () => {
  const child = await startProcess(path.join(import.meta.dirname, 'programs', 'exits.ts'), {
    DATABASE_URL: database.url,
  })
  const code = child.exitCode ?? (await once(child, 'exit'))[0]
  expect(code).toBe(0)
})
