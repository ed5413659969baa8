import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { partialIndexes } from './partial-indexes.ts'
import { type Block, readBlocks } from './schema-reader.ts'

const packagedSchemaFile = fileURLToPath(new URL('../../prisma/schema.prisma', import.meta.url))

export interface SchemaFeatures {
  /** The `partialIndexes` preview is on. */
  partialIndexes: boolean
  /** The `@@schema` that every declaration needs when the datasource lists Postgres schemas. */
  databaseSchema: string | undefined
}

/** The enums and models of this package, written for a project with these features. */
export function readPackagedBlocks(features: SchemaFeatures, text = readFileSync(packagedSchemaFile, 'utf8')): Block[] {
  const path = packagedSchemaFile
  const blocks = readBlocks({ path, text }).filter(({ kind }) => kind === 'enum' || kind === 'model')
  const declarations = blocks.map((block) => {
    const indexes = features.partialIndexes ? (partialIndexes[block.name] ?? []) : []
    const schema = features.databaseSchema ? [`@@schema("${features.databaseSchema}")`] : []
    const lines = [...indexes, ...schema].map((line) => `  ${line}\n`)
    return block.text.replace(/^ *@@map\(/m, (map) => lines.join('') + map)
  })
  return readBlocks({ path, text: declarations.join('\n\n') })
}
