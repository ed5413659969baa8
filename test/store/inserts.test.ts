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

test.each(['force_custom_plan', 'force_generic_plan'])(
  'a batch of which all differ is not compared each with each: %s',
  async (mode) => {
    let sent = { text: '', values: [] as unknown[] }
    insertRequests(
      {
        $executeRaw(parts: TemplateStringsArray, ...values: unknown[]) {
          sent = { text: parts.reduce((text, part, index) => `${text}$${index}${part}`), values }
        },
      } as unknown as PrismaTransactionLike,
      Array.from({ length: MANY }, (_, n) => unlike(n)),
    )
    const given = sent.values.map((value) => pg.escapeLiteral(String(value))).join(', ')
    await client.query(`SET plan_cache_mode = ${mode}; PREPARE statement AS ${sent.text}`)
    const { rows } = await client.query(`EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE statement (${given})`)
    await client.query('DEALLOCATE statement; RESET plan_cache_mode')
    const plan = JSON.stringify(rows[0]['QUERY PLAN'])
    const removed = [...plan.matchAll(/"Rows Removed by Join Filter":(\d+)/g)].map(([, count]) => Number(count))
    expect(removed.filter((count) => count > 0)).toEqual([])
    expect(plan).toContain('Hash Join')
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
