import { expect, test } from 'vitest'
import { clockOf, connectionsOf, poolerOf, tableOf, transactionOf } from '../../../src/cli/doctor/server.ts'

const server = { versionName: '18.0', nowMs: 0, connections: 10, maxConnections: 100, roleLimit: null }
const table = { name: 'requeuest_request', live: 100_000, dead: 0, bytes: 0, vacuumedMsAgo: 0, isAutovacuumed: true }

test.each([
  ['many connections in use', connectionsOf({ ...server, connections: 90 }), ['connections']],
  ['a role of one connection', connectionsOf({ ...server, roleLimit: 1 }), ['pool_size']],
  ['few connections in use', connectionsOf(server), []],
  ['a clock that is ahead', clockOf(5000), ['clock']],
  ['a clock that is behind', clockOf(-5000), ['clock']],
  ['a clock that is nearly right', clockOf(-1900), []],
  ['more dead rows than live ones', tableOf({ ...table, dead: 110_000 }), ['dead_rows']],
  ['dead rows of a small table', tableOf({ ...table, live: 10, dead: 90_000 }), []],
  ['a pooler in transaction mode', poolerOf('transaction'), ['pooler']],
  ['a pooler in session mode', poolerOf('session'), ['pooler']],
  ['no pooler', poolerOf(null), []],
  ['a table without autovacuum', tableOf({ ...table, isAutovacuumed: false }), ['autovacuum']],
])('the doctor names %s', (_, findings, checks) => {
  expect(findings.map(({ check }) => check)).toEqual(checks)
  for (const { message, advice } of findings) expect(`${message} ${advice}`).toMatch(/^.+\. [A-Z].*\.$/)
})

test('a transaction that is idle is told from one at work', () => {
  const idle = transactionOf({ pid: 7, state: 'idle in transaction (aborted)', ageMs: 120_000, application: 'api' })
  expect(idle).toMatchObject({
    check: 'idle_in_transaction',
    message: expect.stringContaining('pid 7 (api) has had a transaction open for 2 min'),
  })
  expect(transactionOf({ pid: 8, state: 'active', ageMs: 1_000_000, application: '' })).toMatchObject({
    check: 'old_transaction',
  })
})
