import { CliError } from './failure.ts'
import type { SchemaFeatures } from './packaged-schema.ts'
import type { Block } from './schema-reader.ts'

/** What the project's schema asks of declarations that are added to it. Refuses what is not for PostgreSQL. */
export function readFeatures(blocks: Block[]): SchemaFeatures {
  const datasource = blocks.find((block) => block.kind === 'datasource')
  if (!datasource)
    throw new CliError('The Prisma schema has no datasource block, so it is not one that Prisma can migrate.')
  const provider = settings(datasource, 'provider')[0]
  if (provider !== 'postgresql' && provider !== 'postgres') {
    throw new CliError(
      `Requeuest needs PostgreSQL, but the datasource in ${datasource.file.path} names ${provider ?? 'no provider'}.`,
    )
  }
  const schemas = settings(datasource, 'schemas')
  const generators = blocks.filter((block) => block.kind === 'generator')
  return {
    partialIndexes: generators.some((block) => settings(block, 'previewFeatures').includes('partialIndexes')),
    // The migrations name no schema, so the tables land in the first of the search_path.
    databaseSchema: schemas.includes('public') ? 'public' : schemas[0],
  }
}

/** The strings in a setting such as `schemas = ["public", "shop"]`. */
function settings(block: Block, name: string): string[] {
  const code = block.entries.find((entry) => entry.name === name)?.code ?? ''
  return Array.from(code.matchAll(/"([^"]*)"/g), ([, value = '']) => value)
}
