import path from 'node:path'
import { expect, test } from 'vitest'
import { faultsOf } from './faults.ts'
import { HOUSES, MOST_LINES, SQL_IN } from './house.ts'
import { parseSource, readSources } from './source.ts'

const ROOT = path.resolve(import.meta.dirname, '../..')
const RUNS_SQL = /\.\$(?:query|execute)Raw(?:Unsafe)?\b/
const RUNS_UNSAFE_SQL = /\$(?:query|execute)RawUnsafe\b/

const src = readSources(ROOT, 'src')
const written = src.filter(({ file }) => !path.basename(file).startsWith('embedded-'))

test.each(HOUSES)('imports in $folder run downwards only, and from elsewhere as its plan allows', (house) => {
  expect(faultsOf(house, readSources(ROOT, house.folder))).toEqual([])
})

test('SQL is run in the store only, and its text is never put together', () => {
  const elsewhere = written.filter(({ file, text }) => !file.startsWith(`${SQL_IN}/`) && RUNS_SQL.test(text))
  expect(elsewhere.map(({ file }) => file)).toEqual([])
  expect(written.filter(({ text }) => RUNS_UNSAFE_SQL.test(text)).map(({ file }) => file)).toEqual([])
})

test(`no file of src is longer than ${MOST_LINES} lines`, () => {
  const tooLong = written.filter(({ text }) => text.trimEnd().split('\n').length > MOST_LINES)
  expect(tooLong.map(({ file }) => file)).toEqual([])
})

const plan = {
  folder: 'src',
  floors: [['index.ts'], ['left', 'right'], ['ground errors.ts']],
  foreign: { undici: 'left', 'test/support': '*' },
}
const files = {
  'src/index.ts': '',
  'src/left/a.ts': '',
  'src/right/b.ts': '',
  'src/ground/c.ts': '',
  'src/errors.ts': '',
}

test.each<[what: string, edits: Record<string, string>, faults: RegExp[]]>([
  [
    'what is down below, or of the same room',
    { 'src/index.ts': "import './ground/c.ts'\nimport 'node:fs'", 'src/ground/c.ts': "export * from '../errors.ts'" },
    [],
  ],
  [
    'what is above',
    { 'src/ground/c.ts': "import type {\n  A,\n} from '../left/a.ts'" },
    [/c\.ts imports src\/left\/a\.ts/],
  ],
  [
    'what is above, when it is needed',
    { 'src/left/a.ts': "const a = () => import('../index.ts')" },
    [/a\.ts imports src\/index\.ts/],
  ],
  [
    'another room of the same floor',
    { 'src/left/a.ts': "import '../right/b.ts'" },
    [/a\.ts imports src\/right\/b\.ts/],
  ],
  ['a package where it may', { 'src/left/a.ts': "import 'undici'\nimport '../../test/support/x.ts'" }, []],
  ['a package elsewhere', { 'src/right/b.ts': "import 'undici'" }, [/b\.ts may not import undici/]],
  ['a file elsewhere', { 'src/left/a.ts': "import '../../generated/client.ts'" }, [/a\.ts may not import generated/]],
  ['nothing, in a folder that is on no floor', { 'src/attic/d.ts': '' }, [/d\.ts is on no floor/]],
])('the plan of a house decides about an import of %s', (_, edits, faults) => {
  const sources = Object.entries({ ...files, ...edits }).map(([file, text]) => parseSource('src', file, text))
  const found = faultsOf(plan, sources)
  expect(found).toHaveLength(faults.length)
  for (const [index, fault] of faults.entries()) expect(found[index]).toMatch(fault)
})
