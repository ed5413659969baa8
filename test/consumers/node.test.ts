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
