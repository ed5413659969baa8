import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { problemOf } from './change.ts'
import { readDeclarations } from './declarations.ts'
import { MUTANTS } from './mutants.ts'
import { ROOT } from './sandbox.ts'

// `npm run test:mutants` takes hours; that it could begin is seen here.
test('what each mutant changes is there exactly once, and the file of its test is there', () => {
  const declarations = readDeclarations(ROOT)
  const changes = MUTANTS.flatMap((mutant) => mutant.changes)
  expect(changes.flatMap((change) => problemOf(change, ROOT, declarations) ?? [])).toEqual([])
  const files = new Set(MUTANTS.map(({ caughtBy }) => caughtBy.file))
  expect([...files].filter((file) => !existsSync(path.join(ROOT, file)))).toEqual([])
  expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length)
})
