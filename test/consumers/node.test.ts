import { mkdtempSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, inject, test } from 'vitest'
import { run } from '../support/run.ts'

const program = (entry: string) => `
const required = require('${entry}')
import('${entry}').then((imported) => {
  const names = Object.keys(required).sort()
  const shared = names.filter((name) => imported[name] === required[name])
  console.log(JSON.stringify({ names, shared, imported: Object.keys(imported) }))
})`

test.each([
  ['requeuest', 'Requeuest'],
  ['requeuest/serverless', 'cronRoute'],
  ['requeuest/dashboard', 'createDashboard'],
  ['requeuest/otel', 'instrument'],
  ['requeuest/prometheus', 'prometheus'],
  ['requeuest/testing', 'testing'],
])('node gives the same exports of %s to require and to import', async (entry, name) => {
  const { names, shared, imported } = JSON.parse(
    await run(inject('consumers'), 'node', ['--input-type=commonjs', '-e', program(entry)]),
  )
  expect(names).toContain(name)
  // Were there two of a class, `instanceof` would be false for errors that come from the other one.
  expect(shared).toEqual(names)
  expect(imported.filter((name: string) => !/^default$|^module\.exports$/.test(name)).sort()).toEqual(names)
})

test('what the package declares compiles without the types of a browser, and without skipLibCheck', async () => {
  const folder = mkdtempSync(path.join(inject('consumers'), 'types-'))
  const entries = ['requeuest', 'requeuest/serverless', 'requeuest/dashboard', 'requeuest/otel', 'requeuest/testing']
  const lines = entries.map((entry, index) => `export * as entry${index} from '${entry}'\n`)
  writeFileSync(path.join(folder, 'index.ts'), lines.join(''))
  const compilerOptions = {
    target: 'ES2023',
    lib: ['ES2023', 'ESNext.Disposable'],
    module: 'nodenext',
    types: ['node'],
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  }
  writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['index.ts'] }))
  const tsc = path.join(inject('consumers'), 'node_modules/.bin/tsc')
  await run(folder, tsc)
})
