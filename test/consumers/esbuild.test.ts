import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { delivered, expectDelivered } from './support/check.ts'
import { createProject } from './support/project.ts'

/** CommonJS packages call `require`, which an ES module does not have. */
const REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);"

test.each(['esm', 'cjs'])('a bundle of esbuild as %s delivers with its packages outside', async (format) => {
  const project = await createProject('esbuild')
  const bundle = path.join(project.folder, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs')
  await project.run('esbuild', 'main.ts', ...options(format, bundle), '--packages=external')
  expect(JSON.parse(await project.run('node', bundle))).toMatchObject([delivered])
  await expectDelivered(project, 1)
})

test.each(['esm', 'cjs'])('a bundle of esbuild as %s delivers as the one file that there is', async (format) => {
  const project = await createProject('esbuild')
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'requeuest-bundle-'))
  onTestFinished(() => rmSync(elsewhere, { recursive: true }))
  const bundle = path.join(elsewhere, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs')
  const banner = format === 'esm' ? [`--banner:js=${REQUIRE}`] : []
  await project.run('esbuild', 'main.ts', ...options(format, bundle), '--minify', ...banner)
  expect(JSON.parse(await project.run('node', bundle))).toMatchObject([delivered])
  await expectDelivered(project, 1)
})

test.each(['esm', 'cjs'])('a bundle of esbuild as %s shows the dashboard, with nothing beside it', async (format) => {
  const project = await createProject('esbuild')
  const elsewhere = mkdtempSync(path.join(tmpdir(), 'requeuest-bundle-'))
  onTestFinished(() => rmSync(elsewhere, { recursive: true }))
  const bundle = path.join(elsewhere, format === 'esm' ? 'bundle.mjs' : 'bundle.cjs')
  const banner = format === 'esm' ? [`--banner:js=${REQUIRE}`] : []
  await project.run('esbuild', 'dashboard.ts', ...options(format, bundle), '--minify', ...banner)
  expect(JSON.parse(await project.run('node', bundle))).toEqual([
    ['text/html; charset=UTF-8', 200],
    ['text/css; charset=utf-8', 200],
    ['text/javascript; charset=utf-8', 200],
  ])
})

function options(format: string, bundle: string): string[] {
  const client = `--alias:#client=./${format}/client.ts`
  return ['--bundle', '--platform=node', `--format=${format}`, client, `--outfile=${bundle}`]
}
