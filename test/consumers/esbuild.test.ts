import { expect, test } from 'vitest'
import { delivered, expectDelivered } from './support/check.ts'
import { createProject } from './support/project.ts'

/** Bundled CommonJS packages call `require`, which an ES module does not have. */
const REQUIRE = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`

test.each([
  ['esm', 'with its packages outside', ['--packages=external']],
  ['esm', 'in one file', [`--banner:js=${REQUIRE}`]],
  ['cjs', 'with its packages outside', ['--packages=external']],
  ['cjs', 'in one file', []],
])('a bundle of esbuild as %s, %s, delivers', async (format, kind, options) => {
  const project = await createProject('esbuild', { as: `esbuild_${format}_${options.length === 0}` })
  const bundle = `bundle.${format === 'esm' ? 'mjs' : 'cjs'}`
  const target = ['--platform=node', `--format=${format}`, `--outfile=${bundle}`]
  await project.run('esbuild', 'main.ts', '--bundle', `--alias:#client=./${format}/client.ts`, ...target, ...options)
  const printed = await project.run('node', bundle)
  expect(JSON.parse(printed)).toMatchObject([delivered])
  await expectDelivered(project, 1)
})
