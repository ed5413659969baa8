import pg from 'pg'
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest'
import { createDatabase } from '../support/databases.ts'
import { EngineProcess, migrations } from './engine-process.ts'

vi.setConfig({ testTimeout: 60_000 })

const LOCK = 72707369
let databases = 0
let url: string
let holder: pg.Client

beforeEach(async () => {
  url = await createDatabase(inject('serverUrl'), `lock_${databases++}`)
  holder = new pg.Client({ connectionString: url })
  await holder.connect()
  await holder.query(`SELECT pg_advisory_lock(${LOCK})`)
})
afterEach(() => holder.end())

const applied = async () => (await holder.query(`SELECT to_regclass('made') IS NOT NULL AS made`)).rows[0].made

test('waits for another migration to end', async () => {
  const answer = EngineProcess.serving({ url }).call('applyMigrations', migrations('CREATE TABLE made ()'))
  const waiting = `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = ${LOCK} AND NOT granted`
  await vi.waitUntil(async () => (await holder.query(waiting)).rowCount === 1, { timeout: 50_000, interval: 5 })
  expect(await applied()).toBe(false)
  await holder.query(`SELECT pg_advisory_unlock(${LOCK})`)
  expect((await answer).error).toBeUndefined()
  expect(await applied()).toBe(true)
})

test('waits ten seconds and no longer', async () => {
  const { error } = await EngineProcess.serving({ url }).call('applyMigrations', migrations('CREATE TABLE made ()'))
  expect(error?.data.error_code).toBe('P1002')
  expect(await applied()).toBe(false)
})

test('does not wait where the lock is turned off', async () => {
  const engine = EngineProcess.serving({ url }, { PRISMA_SCHEMA_DISABLE_ADVISORY_LOCK: '1' })
  expect((await engine.call('applyMigrations', migrations('CREATE TABLE made ()'))).error).toBeUndefined()
  expect(await applied()).toBe(true)
})
