import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { insertRequests } from '../../src/store/inserts.ts'
import type { StoredRequest } from '../../src/store/requests.ts'
import { useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const MANY = 2000

let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: database.url })
  await client.connect()
})
afterAll(() => client.end())

/** No two of them have anything in common. */
function unlike(n: number): StoredRequest {
  return {
    id: `01890000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    channel: `channel ${n}`,
    method: 'POST',
    url: `http://host-${n}.example/`,
    headers: [['x', String(n)]],
    body: null,
    encryptionKey: null,
    traceContext: null,
    placement: {
      priority: n % 10,
      orderKey: null,
      afterFailure: 'continue',
      accept: ['2xx'],
      timeoutMs: n + 1,
      maxRedirects: 0,
      retry: { maxAttempts: 1, baseMs: n, factor: 1, maxMs: n, jitter: 'none' },
      onStatus: {},
      due: { delayMs: n },
      expiry: null,
      dedupe: null,
    },
  }
}

const MODES = ['force_custom_plan', 'force_generic_plan']

function statementOf(rows: readonly StoredRequest[], areNew: boolean): { text: string; values: unknown[] } {
  const catching = {
    $executeRaw: (parts: TemplateStringsArray, ...values: unknown[]) => ({
      text: parts.reduce((text, part, index) => `${text}$${index}${part}`),
      values,
    }),
  }
  return insertRequests(catching as unknown as PrismaTransactionLike, rows, areNew) as never
}

/** The plan by which the rows were written. */
async function insertPlanned(rows: readonly StoredRequest[], areNew: boolean, mode: string): Promise<string> {
  const sent = statementOf(rows, areNew)
  const given = sent.values.map((value) => pg.escapeLiteral(String(value))).join(', ')
  await client.query(
    `TRUNCATE requeuest_request CASCADE; SET plan_cache_mode = ${mode}; PREPARE statement AS ${sent.text}`,
  )
  const { rows: plans } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE statement (${given})`)
  await client.query('DEALLOCATE statement; RESET plan_cache_mode')
  return JSON.stringify(plans[0]['QUERY PLAN'])
}

test.each(MODES.flatMap((mode) => [false, true].map((areNew) => ({ mode, areNew }))))(
  'a batch of which all differ is not compared each with each: $mode, new: $areNew',
  async ({ mode, areNew }) => {
    const plan = await insertPlanned(
      Array.from({ length: MANY }, (_, n) => unlike(n)),
      areNew,
      mode,
    )
    const removed = [...plan.matchAll(/"Rows Removed by Join Filter":(\d+)/g)].map(([, count]) => Number(count))
    expect(removed.filter((count) => count > 0)).toEqual([])
    expect(plan).toMatch(/Hash Join|Merge Join/)
    const stored = await database.prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
    expect(stored.map((row) => [row.channel, row.origin, row.headers, row.timeoutMs, row.backoffBaseMs])).toEqual(
      Array.from({ length: MANY }, (_, n) => [
        `channel ${n}`,
        `http://host-${n}.example`,
        [['x', String(n)]],
        n + 1,
        n,
      ]),
    )
  },
)

test('each request keeps its own headers, however much like those before', async () => {
  const headers: StoredRequest['headers'][] = [
    [],
    [['a', '1']],
    [['a', '1']],
    [['a', '2']],
    [['b', '2']],
    [
      ['b', '2'],
      ['a', '1'],
    ],
    [['b', '2']],
    'c2VhbGVk',
    'c2VhbGVk',
    [],
  ]
  const rows = headers.map((own, n) => ({ ...unlike(1), id: unlike(n).id, headers: own }))
  await insertRequests(database.prisma, rows, true)
  const stored = await database.prisma.httpRequest.findMany({ orderBy: { id: 'asc' } })
  expect(stored.map((row) => row.headers)).toEqual(headers)
})

test.each(MODES)('a batch of new requests goes in as it was given, and nothing is sorted: %s', async (mode) => {
  const [first, ...others] = Array.from({ length: MANY }, (_, n) => unlike(n))
  const rows = [first!, ...others].map((row) => ({ ...first!, id: row.id, url: row.url }))
  const plan = await insertPlanned(rows, true, mode)
  expect(plan).not.toContain('Sort')
  const { rows: written } = await client.query('SELECT id::text FROM requeuest_request ORDER BY ctid')
  expect(written.map(({ id }) => id)).toEqual(rows.map(({ id }) => id))
})

test.each([1, 2, 20, 1000].flatMap((size) => [false, true].map((areNew) => ({ size, areNew }))))(
  'the plan of a batch is kept: $size, new: $areNew',
  async ({ size, areNew }) => {
    const like = unlike(1)
    for (let round = 0; round < 10; round++) {
      const rows = Array.from({ length: size }, (_, n) => ({ ...like, id: unlike(round * size + n).id }))
      const { text, values } = statementOf(rows, areNew)
      await client.query({ name: `kept ${size} ${areNew}`, text, values })
    }
    const { rows } = await client.query(
      'SELECT generic_plans::int AS kept FROM pg_prepared_statements WHERE name = $1',
      [`kept ${size} ${areNew}`],
    )
    expect(rows).toEqual([{ kept: 5 }])
  },
)
