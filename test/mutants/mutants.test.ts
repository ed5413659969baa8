import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { MUTANTS } from './mutants.ts'
import { countOccurrences } from './sandbox.ts'

// `npm run test:mutants` takes hours; that it could begin is seen here.
test('what each mutant changes is there exactly once, and the file of its test is there', () => {
  const changes = MUTANTS.flatMap((mutant) => mutant.changes)
  expect(changes.filter((change) => countOccurrences(change) !== 1)).toEqual([])
  const files = new Set(MUTANTS.map(({ caughtBy }) => caughtBy.file))
  const root = path.resolve(import.meta.dirname, '../..')
  expect([...files].filter((file) => !existsSync(path.join(root, file)))).toEqual([])
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
})
