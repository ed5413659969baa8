import { cpSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import root from '../../package.json' with { type: 'json' }
import { run } from '../support/run.ts'

const repository = path.resolve(import.meta.dirname, '../..')

/** Of Prisma, its adapter and its client. */
export const prismaVersions = [root.devDependencies.prisma, '7.4.0', '7.0.0', '6.19.3']

export const generators = ['prisma-client', 'prisma-client-js'] as const
export type Generator = (typeof generators)[number]

/** `generate` runs no engine, but Prisma downloads those that it is not told of. */
const env = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_QUERY_ENGINE_LIBRARY: process.execPath }

/** Packs the package as npm would publish it. */
export async function pack(home: string): Promise<string> {
  const printed = await run(repository, 'npm', ['pack', '--json', '--pack-destination', home])
  const [{ filename }] = JSON.parse(printed.slice(printed.indexOf('[\n'))) as [{ filename: string }]
  return path.join(home, filename)
}

/** A project with the smoke program, compiled against what that Prisma generates: `dist/<generator>.js`. Returns its folder. */
export async function createProject(home: string, packed: string, version: string): Promise<string> {
  const folder = path.join(home, version)
  cpSync(path.join(import.meta.dirname, 'smoke'), folder, { recursive: true })
  const names = ['prisma', '@prisma/client', '@prisma/adapter-pg']
  const dependencies = {
    ...Object.fromEntries(names.map((name) => [name, version])),
    '@types/node': root.devDependencies['@types/node'],
    requeuest: `file:${packed}`,
  }
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ type: 'module', dependencies }))
  writeSchema(path.join(folder, 'prisma/schema.prisma'), version)
  writePrograms(path.join(folder, 'src'))
  await run(folder, 'npm', ['install', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'])
  await run(folder, 'npx', ['requeuest', 'init'])
  await run(folder, 'npx', ['prisma', 'generate'], env)
  await run(folder, path.join(repository, 'node_modules/.bin/tsc'))
  return folder
}

function writeSchema(file: string, version: string): void {
  // What Prisma 7 always does; 6 needs an engine in Rust otherwise, and a URL in the schema.
  const [engine, url] = version.startsWith('6.') ? ['engineType = "client"', 'url = env("DATABASE_URL")'] : ['', '']
  const sections = [
    section('generator client', 'provider = "prisma-client"', 'output = "../src/database"', engine),
    section('generator js', 'provider = "prisma-client-js"', engine),
    section('datasource db', 'provider = "postgresql"', url),
  ]
  writeFileSync(file, [...sections, readFileSync(file, 'utf8')].join('\n'))
}

function section(name: string, ...lines: string[]): string {
  return `${name} {\n${lines.join('\n')}\n}\n`
}

/** The one client is a module of the project, the other one a package. */
function writePrograms(folder: string): void {
  const program = path.join(folder, 'prisma-client.ts')
  renameSync(path.join(folder, 'smoke.ts.txt'), program)
  const js = readFileSync(program, 'utf8').replace('./database/client.ts', '@prisma/client')
  writeFileSync(path.join(folder, 'prisma-client-js.ts'), js)
}
