import { expect, test } from 'vitest'
import { loadApp } from '../../src/cli/app.ts'
import { TestProject } from './project.ts'

const INSTANCE = '{ spawn() {}, waitFor() {}, name }'
const CJS = '{ "type": "commonjs" }'

test.each<[file: string, manifest: string, text: string]>([
  ['requeuest.config.ts', '{ "type": "module" }', `const name: string = 'it'\nexport default ${INSTANCE}`],
  ['requeuest.config.ts', CJS, `const name: string = 'it'\nexport const requeuest = ${INSTANCE}`],
  ['requeuest.config.mts', CJS, `const name: string = await 'it'\nexport const requeuest = ${INSTANCE}`],
  ['requeuest.config.mjs', CJS, `const name = await 'it'\nexport const requeuest = ${INSTANCE}`],
  ['requeuest.config.js', '{ "type": "module" }', `const name = 'it'\nexport default ${INSTANCE}`],
  ['requeuest.config.js', CJS, `const name = 'it'\nmodule.exports = ${INSTANCE}`],
  ['requeuest.config.cjs', '{ "type": "module" }', `const name = 'it'\nexports.requeuest = ${INSTANCE}`],
])('%s in a project of %s gives the instance of the app', async (file, manifest, text) => {
  const project = new TestProject({ 'package.json': manifest, [file]: text })
  expect(await loadApp(project.folder)).toMatchObject({ name: 'it' })
})

test.each<[what: string, files: Record<string, string>, message: RegExp]>([
  ['no file', {}, /requeuest\.config\.ts .* export it/],
  [
    'a file that throws',
    { 'requeuest.config.mjs': 'throw new Error("no keys")' },
    /requeuest\.config\.mjs could not be loaded: no keys/,
  ],
  [
    'a file that exports something else',
    { 'requeuest.config.mjs': 'export default {}' },
    /must export a Requeuest instance/,
  ],
])('%s is said', async (_, files, message) => {
  await expect(loadApp(new TestProject(files).folder)).rejects.toThrow(message)
})
