import { expect, inject, test } from 'vitest'
import { run } from '../support/run.ts'

const PROGRAM = `
const required = require('requeuest')
import('requeuest').then((imported) => {
  const names = Object.keys(required).sort()
  const shared = names.filter((name) => imported[name] === required[name])
  console.log(JSON.stringify({ names, shared, imported: Object.keys(imported) }))
})`

test('node gives the same exports to require and to import', async () => {
  const { names, shared, imported } = JSON.parse(
    await run(inject('consumers'), 'node', ['--input-type=commonjs', '-e', PROGRAM]),
  )
  expect(names).toContain('Requeuest')
  // Were there two of a class, `instanceof` would be false for errors that come from the other one.
  expect(shared).toEqual(names)
  expect(imported.filter((name: string) => !/^default$|^module\.exports$/.test(name)).sort()).toEqual(names)
})
