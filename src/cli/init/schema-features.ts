import { CliError } from '../failure.ts'
import { chooseDatabaseSchema } from './database-schema.ts'
import type { SchemaFeatures } from './packaged-schema.ts'
import type { Block } from './schema-reader.ts'

/**
 * What the project's schema asks of declarations that are added to it. Refuses what is not for PostgreSQL.
 *
 * @param connectionSchema - where the connection of Prisma's CLI leads
 * @param asked - the Postgres schema that the user asks for
 */
export function readFeatures(blocks: Block[], connectionSchema: string, asked: string | undefined): SchemaFeatures {
  const datasource = blocks.find((block) => block.kind === 'datasource')
  if (!datasource)
    throw new CliError('The Prisma schema has no datasource block, so it is not one that Prisma can migrate.')
  const provider = settings(datasource, 'provider')[0]
  if (provider !== 'postgresql' && provider !== 'postgres') {
    throw new CliError(
      `Requeuest needs PostgreSQL, but the datasource in ${datasource.file.path} names ${provider ?? 'no provider'}.`,
    )
  }
  const requests = blocks.find((block) => block.kind === 'model' && block.table === 'requeuest_request')
  const present = requests && settings(requests, '@@schema')[0]
  const generators = blocks.filter((block) => block.kind === 'generator')
  return {
    partialIndexes: generators.some((block) => settings(block, 'previewFeatures').includes('partialIndexes')),
    databaseSchema: chooseDatabaseSchema(settings(datasource, 'schemas'), asked, present),
    connectionSchema,
  }
}

/** The strings in a setting such as `schemas = ["public", "shop"]`. */
function settings(block: Block, name: string): string[] {
  const code = block.entries.find((entry) => entry.name === name)?.code ?? ''
  return Array.from(code.matchAll(/"(?:\\.|[^"\\])*"/g), ([text]) => JSON.parse(text))
}
