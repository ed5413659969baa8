import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, beforeEach, expect, inject, test } from 'vitest'
import { PrismaClient } from '../../generated/prisma/client.ts'
import { InvalidInputError, RequeuestError } from '../../src/errors.ts'
import { type MigrateOptions, Requeuest } from '../../src/index.ts'
import { asAdmin, createDatabase, databaseUrl } from '../support/databases.ts'
import { migrateDeploy } from '../support/migrate.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const packaged = readdirSync(path.join(root, 'prisma', 'migrations')).filter((name) => /^\d/.test(name))

let url: string
let folder: string
const clients: PrismaClient[] = []
let databases = 0

beforeEach(async () => {
  databases += 1
  url = await createDatabase(inject('serverUrl'), `migrate_${databases}`)
  folder = mkdtempSync(path.join(tmpdir(), 'requeuest-migrate-'))
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.$disconnect()))
  rmSync(folder, { recursive: true })
})

interface Connection {
  url?: string
  transactionTimeoutMs?: number
  statementNameGenerator?: (query: { sql: string }) => string
}

function connect({
  url: connectionString = url,
  transactionTimeoutMs = 5000,
  ...options
}: Connection = {}): PrismaClient {
  const adapter = new PrismaPg({ connectionString }, options)
  const client = new PrismaClient({ adapter, transactionOptions: { timeout: transactionTimeoutMs } })
  clients.push(client)
  return client
}

const migrate = (prisma: PrismaClient, options?: MigrateOptions) => new Requeuest(prisma).migrate(options)

test('migrate bodies are compressed with lz4 where the server has it', async () => {
  const prisma = connect()
  await migrate(prisma)
  const columns = await prisma.$queryRaw`
      SELECT attrelid::regclass::text AS table, attcompression::text AS method FROM pg_attribute
      WHERE attname = 'body' AND attrelid IN ('requeuest_request'::regclass, 'requeuest_attempt'::regclass) ORDER BY 1`
  const [server] = await prisma.$queryRaw<{ hasLz4: boolean }[]>`
      SELECT 'lz4' = ANY (enumvals) AS "hasLz4" FROM pg_settings WHERE name = 'default_toast_compression'`
  const method = server!.hasLz4 ? 'l' : ''
  expect(columns).toEqual(['requeuest_attempt', 'requeuest_request'].map((table) => ({ table, method })))
})

test('migrate makes a database that works, once', async () => {
  const prisma = connect()
  expect(await migrate(prisma)).toEqual({ applied: packaged })
  const request = await prisma.httpRequest.create({ data: { channel: 'a', url: 'http://a.test/' } })
  expect(request.state).toBe('pending')
  expect(await migrate(prisma)).toEqual({ applied: [] })
})

test('migrate writes what `prisma migrate deploy` writes', async () => {
  const deployed = databaseUrl(inject('serverUrl'), inject('templateName'))
  await migrate(connect())
  expect(await rows(url)).toEqual(await rows(deployed))
  expect(await tableDefinition(url)).toEqual(await tableDefinition(deployed))
})

test('migrate may come before `prisma migrate deploy`', async () => {
  await migrate(connect())
  const [status, deploy] = await Promise.all([prismaCli('migrate', 'status'), prismaCli('migrate', 'deploy')])
  expect(status).toContain('Database schema is up to date')
  expect(deploy).toContain('No pending migrations to apply')
  expect(await rows(url)).toHaveLength(packaged.length)
})

test('migrate may come after `prisma migrate deploy`', async () => {
  const deployed = await createDatabase(inject('serverUrl'), `migrate_${databases}_deployed`, inject('templateName'))
  const before = await rows(deployed)
  expect(await migrate(connect({ url: deployed }))).toEqual({ applied: [] })
  expect(await rows(deployed)).toEqual(before)
})

test('migrate takes the names that the project has given its copies', async () => {
  const stamped = copyPackaged()
  expect(await migrate(connect(), { directory: folder })).toEqual({ applied: stamped })
})

test('migrate knows its migrations under other time stamps, and with other contents', async () => {
  const prisma = connect()
  copyPackaged()
  await migrate(prisma, { directory: folder })
  expect(await migrate(prisma)).toEqual({ applied: [] })
  await prisma.$executeRaw`UPDATE _prisma_migrations SET checksum = 'edited'`
  expect(await migrate(prisma)).toEqual({ applied: [] })
  await prisma.$executeRaw`UPDATE _prisma_migrations SET migration_name = 'edited'`
  expect(await migrate(prisma)).toEqual({ applied: packaged })
})

test('migrate knows copies under other names, in front of which something was put', async () => {
  const [first = ''] = packaged
  const sql = readFileSync(path.join(root, 'prisma', 'migrations', first, 'migration.sql'), 'utf8')
  mkdirSync(path.join(folder, '1_http'))
  writeFileSync(
    path.join(folder, '1_http', 'migration.sql'),
    `SELECT set_config('requeuest.opened', '', true);\n${sql}`,
  )
  await deployFolder()
  expect(await migrate(connect(), { directory: folder })).toEqual({ applied: packaged.slice(1) })
})

test('migrate waits for nobody when there is nothing to do', async () => {
  const prisma = connect()
  await migrate(prisma)
  await asAdmin(url, async (other) => {
    await other.query('SELECT pg_advisory_lock(72707369)')
    await prisma.$executeRaw`UPDATE _prisma_migrations SET migration_name = migration_name || '_renamed'`
    expect(await migrate(prisma)).toEqual({ applied: [] })
    await prisma.$executeRaw`
        UPDATE _prisma_migrations SET migration_name = replace(migration_name, '_renamed', ''), checksum = 'edited'`
    expect(await migrate(prisma)).toEqual({ applied: [] })
  })
})

test('migrate leaves a database in which every migration can run again, under another name', async () => {
  await migrate(connect())
  const stamped = copyPackaged()
  await deployFolder()
  expect((await rows(url)).map((row) => row['migration_name'])).toEqual([...packaged, ...stamped])
})

test('migrate can be called by many processes at once', async () => {
  const results = await Promise.all(Array.from({ length: 8 }, () => migrate(connect())))
  expect(results.flatMap((result) => result.applied).sort()).toEqual(packaged)
  expect(await rows(url)).toHaveLength(packaged.length)
})

test('migrate can be called while `prisma migrate deploy` runs', async () => {
  await Promise.all([migrateDeploy(url), migrate(connect()), migrate(connect())])
  expect(await rows(url)).toHaveLength(packaged.length)
})

test('migrate may take longer than the client lets a transaction take', async () => {
  expect(await migrate(connect({ transactionTimeoutMs: 1 }))).toEqual({ applied: packaged })
})

test('migrate works with named prepared statements', async () => {
  const prisma = connect({ statementNameGenerator: ({ sql }) => `s${sql.length}` })
  expect(await migrate(prisma)).toEqual({ applied: packaged })
})

test('migrate sees what others did meanwhile also in a database that defaults to REPEATABLE READ', async () => {
  const strict = `${url}?options=-c%20default_transaction_isolation%3Drepeatable%5C%20read`
  const results = await Promise.all(Array.from({ length: 8 }, () => migrate(connect({ url: strict }))))
  expect(results.flatMap((result) => result.applied).sort()).toEqual(packaged)
})

test('migrate takes its times from the database, whatever the zone of the session', async () => {
  await asAdmin(url, (client) => client.query(`ALTER DATABASE migrate_${databases} SET timezone = 'Asia/Tokyo'`))
  await migrate(connect())
  const [row] = await asAdmin(
    url,
    async (client) =>
      (
        await client.query(`
      SELECT started_at <= finished_at AND finished_at <= now() AND started_at > now() - interval '1 minute' AS fine
      FROM _prisma_migrations`)
      ).rows,
  )
  expect(row).toEqual({ fine: true })
})

test('migrate refuses to go on where a migration failed', async () => {
  mkdirSync(path.join(folder, '20250101000000_broken'))
  writeFileSync(path.join(folder, '20250101000000_broken', 'migration.sql'), 'SELECT 1 / 0;')
  await expect(deployFolder()).rejects.toThrow('division by zero')
  const prisma = connect()
  const refusal = expect.objectContaining({
    constructor: RequeuestError,
    code: 'not_migrated',
    message: expect.stringContaining('prisma migrate resolve --rolled-back 20250101000000_broken'),
  })
  await expect(migrate(prisma)).rejects.toEqual(refusal)
  expect(await prisma.$queryRaw`SELECT to_regclass('requeuest_request')::text AS "table"`).toEqual([{ table: null }])
  await prisma.$executeRaw`UPDATE _prisma_migrations SET rolled_back_at = now()`
  expect(await migrate(prisma)).toEqual({ applied: packaged })
})

test('migrate refuses a directory that is not there', async () => {
  const missing = migrate(connect(), { directory: path.join(folder, 'none') })
  await expect(missing).rejects.toThrow(InvalidInputError)
  await expect(missing).rejects.toThrow('options.directory')
})

test('migrate refuses an option that it does not know', async () => {
  const options = { folder: './migrations' } as object
  await expect(migrate(connect(), options)).rejects.toThrow('options.folder')
})

test('migrate refuses with the reason of the database, and leaves nothing behind', async () => {
  const prisma = connect()
  await prisma.$executeRaw`CREATE TABLE requeuest_line ()`
  await prisma.$executeRaw`ALTER TABLE requeuest_line RENAME TO requeuest_request`
  await expect(migrate(prisma)).rejects.toThrow(RequeuestError)
  expect(await prisma.$queryRaw`SELECT to_regclass('_prisma_migrations')::text AS "table"`).toEqual([{ table: null }])
})

/** Puts copies of the packaged migrations into `folder` as `requeuest init` would, and returns their names. */
function copyPackaged(): string[] {
  cpSync(path.join(root, 'prisma', 'migrations'), folder, { recursive: true })
  return packaged.map((name) => {
    const stamped = name.replace(/^\d{4}/, '2030')
    renameSync(path.join(folder, name), path.join(folder, stamped))
    return stamped
  })
}

async function prismaCli(...args: string[]): Promise<string> {
  const cli = createRequire(import.meta.url).resolve('prisma/build/index.js')
  const options = { cwd: root, env: { ...process.env, DATABASE_URL: url } }
  return (await promisify(execFile)(process.execPath, [cli, ...args], options)).stdout
}

/** The real `prisma migrate deploy` with this repository's configuration, but the migrations of `folder`. */
async function deployFolder(): Promise<void> {
  const config = path.join(folder, 'prisma.config.mjs')
  writeFileSync(
    config,
    `import config from ${JSON.stringify(path.join(root, 'prisma.config.ts'))}
     const schema = ${JSON.stringify(path.join(root, 'prisma', 'schema.prisma'))}
     export default { ...config, schema, migrations: { path: ${JSON.stringify(folder)} } }`,
  )
  await prismaCli('migrate', 'deploy', '--config', config)
}

/** Every column of the history that two runs can share; of times only whether they are set. */
function rows(of: string): Promise<Record<string, unknown>[]> {
  return asAdmin(
    of,
    async (client) =>
      (
        await client.query(`
    SELECT id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' AS id, checksum, finished_at >= started_at AS finished,
      migration_name, logs, rolled_back_at, started_at IS NOT NULL AS started, applied_steps_count
    FROM _prisma_migrations ORDER BY started_at`)
      ).rows,
  )
}

function tableDefinition(of: string): Promise<unknown[]> {
  return asAdmin(
    of,
    async (client) =>
      (
        await client.query(`
    SELECT column_name, data_type, character_maximum_length, is_nullable, column_default
    FROM information_schema.columns WHERE table_name = '_prisma_migrations' ORDER BY ordinal_position`)
      ).rows,
  )
}
