import { schema } from './embedded-files.ts'
import { partialIndexes } from './partial-indexes.ts'
import { type Block, readBlocks } from './schema-reader.ts'

export interface SchemaFeatures {
  /** The `partialIndexes` preview is on. */
  partialIndexes: boolean
  /** The `@@schema` that every declaration needs when the datasource lists Postgres schemas. */
  databaseSchema: string | undefined
}

/** The enums and models of this package, written for a project with these features. */
export function readPackagedBlocks(features: SchemaFeatures, text = schema): Block[] {
  const path = 'requeuest/prisma/schema.prisma'
  const blocks = readBlocks({ path, text }).filter(({ kind }) => kind === 'enum' || kind === 'model')
  const declarations = blocks.map((block) => {
    const indexes = features.partialIndexes ? (partialIndexes[block.name] ?? []) : []
    const inSchema = features.databaseSchema ? [`@@schema("${features.databaseSchema}")`] : []
    const lines = [...indexes, ...inSchema].map((line) => `  ${line}\n`)
    return block.text.replace(/^ *@@map\(/m, (map) => lines.join('') + map)
  })
  return readBlocks({ path, text: declarations.join('\n\n') })
}
