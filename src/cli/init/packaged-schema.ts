import { schema } from '../embedded-files.ts'
import type { DatabaseSchema } from './database-schema.ts'
import { partialIndexes } from './partial-indexes.ts'
import { type Block, readBlocks } from './schema-reader.ts'
import { asPrinted } from './sql-identifier.ts'

export interface SchemaFeatures {
  /** The `partialIndexes` preview is on. */
  partialIndexes: boolean
  /** The `@@schema` that every declaration needs when the datasource lists Postgres schemas. */
  databaseSchema: DatabaseSchema | undefined
  /** The schema that Prisma's CLI is connected to. */
  connectionSchema: string
}

/** The enums and models of this package, written for a project with these features. */
export function readPackagedBlocks(features: SchemaFeatures, text = schema): Block[] {
  const path = 'requeuest/prisma/schema.prisma'
  const blocks = readBlocks({ path, text }).filter(({ kind }) => kind === 'enum' || kind === 'model')
  const { databaseSchema } = features
  const declarations = blocks.map((block) => {
    const indexes = features.partialIndexes ? (partialIndexes[block.name] ?? []) : []
    const inSchema = databaseSchema ? [`@@schema(${JSON.stringify(databaseSchema.name)})`] : []
    const lines = [...indexes.map((index) => withTypesOf(index, features)), ...inSchema].map((line) => `  ${line}\n`)
    return block.text.replace(/^ *@@map\(/m, (map) => lines.join('') + map)
  })
  return readBlocks({ path, text: declarations.join('\n\n') })
}

/** Postgres prints the names of types that the connection does not lead to with their schema. */
function withTypesOf(index: string, { databaseSchema, connectionSchema }: SchemaFeatures): string {
  if (!databaseSchema || databaseSchema.name === connectionSchema) return index
  const schema = JSON.stringify(asPrinted(databaseSchema.name)).slice(1, -1)
  return index.replaceAll('::requeuest_', () => `::${schema}.requeuest_`)
}
