import { readFileSync, writeFileSync } from 'node:fs'
import { withComments } from './comment-block.ts'
import { embeddedModules, firstMigration, schemaFile } from './embedded-modules.ts'

// `npm run embed`, which `npm run build` runs first.
const migration = readFileSync(firstMigration, 'utf8')
writeFileSync(firstMigration, withComments(migration, readFileSync(schemaFile, 'utf8')))
for (const [file, text] of embeddedModules()) writeFileSync(file, text)
