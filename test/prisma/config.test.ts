import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { root } from './project.ts'

let folder: string

/** A checkout whose Prisma is only the two packages that the configuration looks at. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'requeuest-config-')))
  cpSync(path.join(root, 'prisma.config.ts'), path.join(folder, 'prisma.config.ts'))
  write('package.json', '{ "type": "module" }')
  write(
    'node_modules/prisma/package.json',
    '{ "exports": { "./package.json": "./package.json", "./config": "./config.js" } }',
  )
  write('node_modules/prisma/config.js', 'exports.defineConfig = (config) => config')
  write('node_modules/@prisma/engines/package.json', '{}')
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, text: string): void {
  const file = path.join(folder, name)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** What the CLI finds after it has loaded the configuration. */
async function load(env: Record<string, string> = {}) {
  const { PRISMA_SCHEMA_ENGINE_BINARY, DATABASE_URL, SHADOW_DATABASE_URL, ...inherited } = process.env
  const script = `const { default: config } = await import('./prisma.config.ts')
    console.log(JSON.stringify({ engine: process.env.PRISMA_SCHEMA_ENGINE_BINARY, datasource: config.datasource }))`
  const tsx = path.join(root, 'node_modules', 'tsx', 'dist', 'esm', 'index.mjs')
  const args = ['--import', tsx, '--input-type=module', '--eval', script]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder, env: { ...inherited, ...env } })
  return JSON.parse(stdout)
}

test('the stand-in runs where there is no engine', async () => {
  expect(await load()).toEqual({ engine: path.join(folder, 'prisma', 'schema-engine.mjs'), datasource: {} })
})

test('a downloaded engine is kept', async () => {
  write('node_modules/@prisma/engines/schema-engine-debian-openssl-3.0.x', '')
  expect((await load()).engine).toBeUndefined()
})

test('an engine that the environment names is kept, under its old name too', async () => {
  expect((await load({ PRISMA_SCHEMA_ENGINE_BINARY: '/mine' })).engine).toBe('/mine')
  expect((await load({ PRISMA_MIGRATION_ENGINE_BINARY: '/mine' })).engine).toBeUndefined()
})

test('the connection strings come from the environment', async () => {
  const { datasource } = await load({ DATABASE_URL: 'postgresql://main', SHADOW_DATABASE_URL: 'postgresql://shadow' })
  expect(datasource).toEqual({ url: 'postgresql://main', shadowDatabaseUrl: 'postgresql://shadow' })
})
