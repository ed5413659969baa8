import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { applyChange, problemOf } from './change.ts'

const CODE = `import { now } from './clock.ts'

const LIMIT = 5

export async function count(
  list: readonly string[],
): Promise<number> {
  return list.length + 1
}

export class Counter {
  readonly #from: number

  constructor(from: number) {
    this.#from = from + 1
  }

  get next(): number {
    if (now() > LIMIT) {
      return this.#from + 1
    }
    return this.#from + 2
  }
}
`

const SQL = `CREATE OR REPLACE FUNCTION "count"(a int) RETURNS int LANGUAGE sql AS $$
  SELECT a
    + 1;
$$;

CREATE INDEX IF NOT EXISTS "count_idx"
  ON "counter" (a);
`

/** A checkout with the code in the given files, which `applyChange` may break. */
function checkout(code: Record<string, string>): string {
  const root = mkdtempSync(path.join(tmpdir(), 'requeuest-change-'))
  onTestFinished(() => rmSync(root, { recursive: true }))
  for (const [name, text] of Object.entries({ 'prisma/migrations/1/migration.sql': SQL, ...code })) {
    mkdirSync(path.dirname(path.join(root, name)), { recursive: true })
    writeFileSync(path.join(root, name), text)
  }
  return root
}

test.each([
  ['a constant', 'LIMIT', 'LIMIT = 5', 'LIMIT = 6'],
  ['a method', 'Counter.next', '#from + 1', '#from'],
  ['a constructor', 'Counter.constructor', 'from + 1', 'from'],
  ['a class as a whole', 'Counter', 'now() > LIMIT', 'true'],
])('a mutant changes %s wherever its file is', (_, within, find, replace) => {
  for (const file of ['src/counter.ts', 'src/a/b/moved.mts']) {
    const root = checkout({ [file]: CODE })
    expect(problemOf({ within, find, replace }, root)).toBeNull()
    expect(applyChange({ within, find, replace }, root)).toBe(file)
    expect(readFileSync(path.join(root, file), 'utf8')).toBe(
      within === 'Counter.next'
        ? CODE.replace('return this.#from + 1', 'return this.#from')
        : CODE.replace(find, replace),
    )
  }
})

test('a mutant of what a migration creates finds its words however they are broken into lines', () => {
  const root = checkout({ 'src/empty.ts': '' })
  applyChange({ within: 'count', find: 'SELECT a + 1', replace: 'SELECT a' }, root)
  applyChange({ within: 'count_idx', find: 'INDEX', replace: 'UNIQUE INDEX' }, root)
  expect(readFileSync(path.join(root, 'prisma/migrations/1/migration.sql'), 'utf8')).toBe(
    SQL.replace('SELECT a\n    + 1', 'SELECT a').replace('CREATE INDEX', 'CREATE UNIQUE INDEX'),
  )
})

test('a mutant whose words are elsewhere, twice or gone is told with its name', () => {
  const root = checkout({ 'src/counter.ts': CODE, 'src/other.ts': 'export const LIMIT = 5\n' })
  const problem = (within: string, find: string) => problemOf({ within, find, replace: '' }, root)
  expect(problem('count', 'now() > LIMIT')).toBe('count has 0 times: now() > LIMIT')
  expect(problem('Counter', '+ 1')).toBe('Counter has 2 times: + 1')
  expect(problem('LIMIT', 'LIMIT = 5')).toBe('LIMIT has 2 times: LIMIT = 5')
  expect(problem('Counter.last', '+ 1')).toBe('nothing in src or prisma/migrations is named Counter.last')
})
