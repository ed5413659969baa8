import { cpSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import root from '../../package.json' with { type: 'json' }
import { run } from '../support/run.ts'

const repository = path.resolve(import.meta.dirname, '../..')

/** A version of Prisma, its adapter and its client. */
export interface PrismaSetup {
  version: string
  generator: 'prisma-client' | 'prisma-client-js'
}

const versions = [root.devDependencies.prisma, '7.4.0', '7.0.0', '6.19.3']

export const setups: PrismaSetup[] = versions.flatMap((version) => [
  { version, generator: 'prisma-client' },
  { version, generator: 'prisma-client-js' },
])

/** `generate` runs no engine, but Prisma downloads those that it is not told of. */
const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_QUERY_ENGINE_LIBRARY: process.execPath }

/** Packs the package as npm would publish it. */
export async function pack(home: string): Promise<string> {
  const printed = await run(repository, 'npm', ['pack', '--json', '--pack-destination', home])
  const [{ filename }] = JSON.parse(printed.slice(printed.indexOf('[\n'))) as [{ filename: string }]
  return path.join(home, filename)
}

/** A project with the smoke program, compiled against what that Prisma generates; returns its folder. */
export async function createProject(home: string, packed: string, { version, generator }: PrismaSetup) {
  const folder = mkdtempSync(path.join(home, `prisma-${version}-`))
  cpSync(path.join(import.meta.dirname, 'smoke'), folder, { recursive: true })
  const names = ['prisma', '@prisma/client', '@prisma/adapter-pg']
  const dependencies = {
    ...Object.fromEntries(names.map((name) => [name, version])),
    '@types/node': root.devDependencies['@types/node'],
    requeuest: `file:${packed}`,
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }))
  writeSchema(path.join(folder, 'prisma/schema.prisma'), version, generator)
  writeProgram(path.join(folder, 'src'), generator)
  await run(folder, 'npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'])
  await run(folder, 'npx', ['requeuest', 'init'])
  await run(folder, 'npx', ['prisma', 'generate'], env)
  await run(folder, path.join(repository, 'node_modules/.bin/tsc'))
  return folder
}

function writeSchema(file: string, version: string, generator: string): void {
  const lines = [`generator client {`, `  provider = "${generator}"`]
  if (generator === 'prisma-client') lines.push('  output = "../src/database"')
  // What Prisma 7 always does; 6 needs an engine in Rust otherwise, and a URL in the schema.
  if (version.startsWith('6.')) lines.push('  engineType = "client"')
  lines.push('}', 'datasource db {', '  provider = "postgresql"')
  if (version.startsWith('6.')) lines.push('  url = env("DATABASE_URL")')
  writeFileSync(file, [...lines, '}', '', readFileSync(file, 'utf8')].join('\n'))
}

function writeProgram(folder: string, generator: string): void {
  const program = path.join(folder, 'smoke.ts')
  renameSync(`${program}.txt`, program)
  if (generator === 'prisma-client') return
  writeFileSync(program, readFileSync(program, 'utf8').replace('./database/client.ts', '@prisma/client'))
}
