import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { CliError } from './failure.ts'
import type { SchemaFile } from './schema-reader.ts'

export interface ProjectOptions {
  schema?: string
  migrations?: string
}

/** Where a project keeps what Prisma reads. */
export interface Project {
  /** The schema file, or the folder of a schema in several files. */
  schemaPath: string
  isFolder: boolean
  files: SchemaFile[]
  migrationsFolder: string
  /** The schema that Prisma's CLI is connected to, which adapters do not read from the URL. */
  connectionSchema: string
}

/** Finds the project's schema and migrations where Prisma itself would. */
export async function findProject(folder: string, options: ProjectOptions): Promise<Project> {
  const config = options.schema && options.migrations ? {} : await loadPrismaConfig(folder)
  const schemaPath = options.schema ? path.resolve(folder, options.schema) : (config.schema ?? defaultSchema(folder))
  const stats = statSync(schemaPath, { throwIfNoEntry: false })
  if (!stats) throw new CliError(`There is no Prisma schema at ${schemaPath}.`)
  const isFolder = stats.isDirectory()
  const paths = isFolder ? schemaFiles(schemaPath) : [schemaPath]
  if (paths.length === 0) throw new CliError(`There is no .prisma file in ${schemaPath}.`)
  const besideSchema = path.join(isFolder ? schemaPath : path.dirname(schemaPath), 'migrations')
  const migrationsFolder = options.migrations ? path.resolve(folder, options.migrations) : config.migrations?.path
  return {
    schemaPath,
    isFolder,
    files: paths.map(readSchemaFile),
    migrationsFolder: migrationsFolder ?? besideSchema,
    connectionSchema: schemaInUrl(config.datasource?.url),
  }
}

interface PrismaConfig {
  schema?: string
  migrations?: { path?: string }
  datasource?: { url?: string }
}

interface LoadedConfig {
  config?: PrismaConfig
  resolvedPath: string | null
  error?: { _tag: string; error?: Error }
}

/** Prisma's own loader, the one of the project, since a config file may be anything from TypeScript to JSON. */
async function loadPrismaConfig(folder: string): Promise<PrismaConfig> {
  const load = prismaConfigLoader(folder)
  const { config, error, resolvedPath } = await load({ configRoot: folder })
  if (config) return config
  throw new CliError(
    `${resolvedPath} could not be loaded: ${error?.error?.message ?? error?._tag}\n` +
      'Mend it, or say where things are with --schema and --migrations.',
  )
}

function prismaConfigLoader(folder: string): (input: { configRoot: string }) => Promise<LoadedConfig> {
  try {
    const prisma = createRequire(path.join(folder, 'package.json')).resolve('prisma/package.json')
    return createRequire(prisma)('@prisma/config').loadConfigFromFile
  } catch {
    throw new CliError(`Prisma is not installed in ${folder}: run \`npm install prisma @prisma/client\` first.`)
  }
}

function defaultSchema(folder: string): string {
  const places = ['schema.prisma', path.join('prisma', 'schema.prisma'), path.join('prisma', 'schema')]
  const found = places.find((place) => existsSync(path.join(folder, place)))
  if (found) return path.join(folder, found)
  throw new CliError(
    `No Prisma schema was found in ${folder}: there is no prisma.config.ts that names one, nor ${places.join(', ')}.\n` +
      'Run `npx prisma init` first, or say where it is with --schema.',
  )
}

function schemaInUrl(url: string | undefined): string {
  const schema = url !== undefined && URL.canParse(url) && new URL(url).searchParams.get('schema')
  return schema || 'public'
}

function schemaFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.prisma'))
    .map((file) => path.join(folder, file))
    .sort()
}

function readSchemaFile(file: string): SchemaFile {
  return { path: file, text: readFileSync(file, 'utf8') }
}
