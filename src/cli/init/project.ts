import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { CliError } from '../failure.ts'
import { loadPrismaConfig } from '../prisma-config.ts'
import { schemaInUrl } from '../schema-in-url.ts'
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

const HINT = 'Mend it, or say where things are with --schema and --migrations.'

/** Finds the project's schema and migrations where Prisma itself would. */
export async function findProject(folder: string, options: ProjectOptions): Promise<Project> {
  const config = options.schema && options.migrations ? {} : await loadPrismaConfig(folder, HINT)
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
    connectionSchema: schemaInUrl(config.datasource?.url) ?? 'public',
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

function schemaFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.prisma'))
    .map((file) => path.join(folder, file))
    .sort()
}

function readSchemaFile(file: string): SchemaFile {
  return { path: file, text: readFileSync(file, 'utf8') }
}
