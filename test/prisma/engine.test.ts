import { expect, inject, test, vi } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { EngineProcess, migrations } from './engine-process.ts'
import { query, shadowDatabases, urlOf } from './query.ts'

vi.setConfig({ testTimeout: 60_000 })

let databases = 0
const database = () => createDatabase(inject('serverUrl'), `engine_${databases++}`)

const changed = (url: string, parts: { username?: string; password?: string; port?: string; search?: string }) =>
  String(Object.assign(new URL(url), parts))

/** Resolves when this role runs a statement like this one. */
const running = (role: string, statement: string) =>
  vi.waitUntil(
    async () => {
      const active = `SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND usename = '${role}'`
      return (await query(inject('serverUrl'), `${active} AND query LIKE '${statement}%'`)).length > 0
    },
    { timeout: 50_000, interval: 5 },
  )

test('creates, reaches and drops a database', async () => {
  const url = changed(urlOf('engine_made'), { search: '?schema=app' })
  const missing = await EngineProcess.command('can-connect-to-database', url)
  expect(missing.code).toBe(1)
  expect(missing.last).toMatchObject({ level: 'ERROR', fields: { error_code: 'P1003' } })
  expect((await EngineProcess.command('create-database', url)).code).toBe(0)
  expect(await query(url, `SELECT nspname FROM pg_namespace WHERE nspname = 'app'`)).toHaveLength(1)
  expect((await EngineProcess.command('can-connect-to-database', url)).code).toBe(0)
  expect((await EngineProcess.command('create-database', url)).last.fields.error_code).toBe('P1009')
  expect((await EngineProcess.command('drop-database', url)).code).toBe(0)
  expect((await EngineProcess.command('drop-database', url)).last.fields.error_code).toBe('P1003')
})

test.each([
  ['P1000', (url: string) => changed(url, { password: 'swordfish' })],
  ['P1001', (url: string) => changed(url, { password: 'swordfish', port: '1' })],
  ['P1011', (url: string) => changed(url, { search: '?sslmode=require&x=swordfish' })],
  ['P1013', (url: string) => url.replace('postgresql:', 'swordfish:')],
  ['P1013', (url: string) => url.replace(/:[^:@]*@/, ':%swordfish@')],
])('a wrong connection string is %s, and nothing of it is told', async (code, wrong) => {
  const { first, last } = await EngineProcess.command('can-connect-to-database', wrong(inject('serverUrl')))
  expect(last).toMatchObject({ level: 'ERROR', target: 'schema_engine::logger', fields: { error_code: code } })
  expect(JSON.stringify([first, last])).not.toContain('swordfish')
})

test('what is not JSON is not repeated', async () => {
  const { code, stderr } = await new EngineProcess(['--datasource', 'swordfish']).ended
  const engine = EngineProcess.serving({ url: inject('serverUrl') })
  engine.child.stdin?.write('swordfish\n')
  const ended = await engine.ended
  expect([code, ended.code]).toEqual([1, 1])
  expect(stderr + ended.stderr).not.toContain('swordfish')
})

test('ends well when the CLI hangs up, stops reading or terminates it', async () => {
  const engines = [0, 1, 2].map(() => EngineProcess.serving({ url: inject('serverUrl') }))
  for (const { error } of await Promise.all(engines.map((engine) => engine.call('getDatabaseVersion')))) {
    expect(error).toBeUndefined()
  }
  const [hungUp, unread, terminated] = engines
  hungUp?.child.stdin?.end()
  unread?.child.stdout?.destroy()
  void unread?.call('getDatabaseVersion')
  terminated?.child.kill('SIGTERM')
  expect((await Promise.all(engines.map(({ ended }) => ended))).map(({ code }) => code)).toEqual([0, 0, 0])
})

test('reports a panic of the engine as the native one does', async () => {
  const engine = EngineProcess.serving({ url: inject('serverUrl') })
  void engine.call('debugPanic')
  const { code, stderr } = await engine.ended
  expect(code).toBe(101)
  expect(stderr).toContain('This is the debugPanic artificial panic')
})

test('leaves no shadow database behind, however it ends', async () => {
  // A role of its own tells these shadow databases from those of other tests.
  const role = 'engine_shadow'
  await query(inject('serverUrl'), `CREATE ROLE ${role} LOGIN CREATEDB PASSWORD 'shadow'`)
  const url = changed(await database(), { username: role, password: 'shadow' })
  const sleeping = migrations('SELECT pg_sleep(600)')
  const terminated = EngineProcess.serving({ url })
  void terminated.call('devDiagnostic', sleeping)
  await running(role, 'SELECT pg_sleep(600)')
  expect(await shadowDatabases(role)).toHaveLength(1)
  terminated.child.kill('SIGTERM')
  expect((await terminated.ended).code).toBe(0)
  expect(await shadowDatabases(role)).toEqual([])

  const hungUp = EngineProcess.serving({ url })
  void hungUp.call('devDiagnostic', sleeping)
  await running(role, 'CREATE DATABASE "prisma_migrate_shadow_db')
  await hungUp.hangUp()
  expect(await shadowDatabases(role)).toEqual([])

  const failed = EngineProcess.serving({ url })
  const { error } = await failed.call('devDiagnostic', migrations('SELECT 1/0'))
  expect(error?.data).toMatchObject({
    error_code: 'P3006',
    message: expect.stringContaining('ERROR: division by zero'),
  })
  expect(await shadowDatabases(role)).toEqual([])
})

test('says why there is no shadow database', async () => {
  const url = await database()
  const engine = EngineProcess.serving({ url, shadowDatabaseUrl: url })
  await query(url, 'CREATE TABLE kept ()')
  const same = await engine.call('devDiagnostic', migrations('SELECT 1'))
  expect(same.error?.data.message).toContain('appears to be the same as the main database')
  expect(await query(url, `SELECT 1 FROM pg_class WHERE relname = 'kept'`)).toHaveLength(1)

  await query(url, `CREATE ROLE engine_poor LOGIN PASSWORD 'poor'`)
  const poor = EngineProcess.serving({ url: changed(url, { username: 'engine_poor', password: 'poor' }) })
  const { error } = await poor.call('devDiagnostic', migrations('SELECT 1'))
  expect(error?.data.error_code).toBe('P3014')
  expect(error?.data.message).toContain('ERROR: permission denied to create database')
})

test('applies nothing on top of a failed migration', async () => {
  const engine = EngineProcess.serving({ url: await database() })
  expect((await engine.call('applyMigrations', migrations('SELECT 1/0'))).error?.data.error_code).toBe('P3018')
  const again = await engine.call('applyMigrations', migrations('SELECT 1/0', 'SELECT 1'))
  expect(again.error?.data.error_code).toBe('P3009')
})

test('notices a lost connection instead of opening another', async () => {
  const engine = EngineProcess.serving({ url: await database() })
  const script = 'SELECT pg_terminate_backend(pg_backend_pid())'
  await engine.call('dbExecute', { script, datasourceType: { tag: 'url', url: '' } })
  expect((await engine.call('getDatabaseVersion')).error?.data.error_code).toBe('P1017')
})

test('answers what it does not know', async () => {
  const engine = EngineProcess.serving({ url: inject('serverUrl') })
  expect((await engine.call('unheardOf')).error?.code).toBe(-32601)
})
