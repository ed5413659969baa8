import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { packagedMigrations, readMigrations } from '../../instance/migrate.ts'
import { migrationLock } from '../embedded-files.ts'
import { CliError } from '../failure.ts'
import { type DatabaseSchema, migrationOpening } from './database-schema.ts'
import { planCopies } from './migration-copies.ts'
import { readPackagedBlocks } from './packaged-schema.ts'
import type { Project } from './project.ts'
import { readFeatures } from './schema-features.ts'
import { type Merge, mergeSchemas } from './schema-merge.ts'
import { readBlocks } from './schema-reader.ts'
import { appendDeclarations, insertAll } from './schema-text.ts'

/** One thing that `init` does, or that it found done. */
interface Step {
  verb: 'create' | 'add' | 'copy' | 'keep'
  path: string
  detail?: string
}

export interface Plan {
  steps: Step[]
  /** Files to write, with their new contents. */
  writes: Map<string, string>
  /** Where the request's model is, and what the project calls it. */
  requestModel: { name: string; path: string }
  databaseSchema: DatabaseSchema | undefined
}

/**
 * Works out what the project lacks. Nothing is written.
 *
 * @param asked - the Postgres schema that the user asks for
 */
export function planInit(project: Project, asked: string | undefined): Plan {
  const blocks = project.files.flatMap(readBlocks)
  const features = readFeatures(blocks, project.connectionSchema, asked)
  const merge = mergeSchemas(readPackagedBlocks(features), blocks)
  const { databaseSchema } = features
  const plan: Plan = { steps: [], writes: new Map(), requestModel: { name: '', path: '' }, databaseSchema }
  planSchema(project, merge, plan)
  planMigrations(project.migrationsFolder, plan)
  plan.steps.sort((a, b) => Number(a.verb === 'keep') - Number(b.verb === 'keep'))
  return plan
}

function planSchema({ files, isFolder, schemaPath }: Project, merge: Merge, plan: Plan): void {
  for (const file of files) {
    const insertions = merge.insertions.filter(({ into }) => into.file === file)
    if (insertions.length > 0) plan.writes.set(file.path, insertAll(file.text, insertions))
    for (const { what } of insertions) plan.steps.push({ verb: 'add', path: file.path, detail: what })
    const kept = merge.kept.filter(({ block }) => block.file === file)
    const details = kept.map(({ block, own }) =>
      own.length > 0 ? `${block.name} with your ${own.join(', ')}` : block.name,
    )
    if (kept.length > 0) plan.steps.push({ verb: 'keep', path: file.path, detail: details.join('; ') })
  }

  const target = isFolder ? path.join(schemaPath, 'requeuest.prisma') : schemaPath
  if (merge.missing.length > 0) {
    const current = plan.writes.get(target) ?? files.find((file) => file.path === target)?.text
    plan.writes.set(
      target,
      appendDeclarations(
        current,
        merge.missing.map(({ text }) => text),
      ),
    )
    const detail = merge.missing.map(({ kind, name }) => `${kind} ${name}`).join(', ')
    plan.steps.push({ verb: current === undefined ? 'create' : 'add', path: target, detail })
  }
  const name = merge.names.get('HttpRequest') ?? 'HttpRequest'
  plan.requestModel = { name, path: merge.kept.find(({ block }) => block.name === name)?.block.file.path ?? target }
}

function planMigrations(folder: string, plan: Plan): void {
  const exists = statSync(folder, { throwIfNoEntry: false })
  if (exists && !exists.isDirectory()) throw new CliError(`${folder} is not a folder, so no migrations can go there.`)
  const opening = plan.databaseSchema ? migrationOpening(plan.databaseSchema) : ''
  const { kept, missing } = planCopies(packagedMigrations(), exists ? readMigrations(folder) : [])
  for (const name of kept) plan.steps.push({ verb: 'keep', path: path.join(folder, name) })
  for (const { migration, name } of missing) {
    plan.steps.push({ verb: 'copy', path: path.join(folder, name) })
    // Where nothing has to be said first, byte for byte as in the package, so that the checksum stays.
    plan.writes.set(path.join(folder, name, 'migration.sql'), opening + migration.sql)
  }
  const lock = path.join(folder, 'migration_lock.toml')
  if (existsSync(lock)) return
  plan.steps.push({ verb: 'copy', path: lock })
  plan.writes.set(lock, migrationLock)
}
