import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { resolveWhere } from '../../src/control/filter.ts'
import type { RequestFilter } from '../../src/index.ts'
import type { PrismaTransactionLike } from '../../src/store/db.ts'
import { listActivity } from '../../src/store/inspect/activity.ts'
import {
  countClaims,
  countInLines,
  countReady,
  listLiveChannels,
  sampleChannels,
} from '../../src/store/inspect/channels.ts'
import { groupFailures } from '../../src/store/inspect/failures.ts'
import { matchFew } from '../../src/store/inspect/few.ts'
import { listLimits } from '../../src/store/inspect/limits.ts'
import { listHeldLines } from '../../src/store/inspect/lines.ts'
import { groupAttempts } from '../../src/store/inspect/outcomes.ts'
import { listRequests, matchRecent, sampleMatching } from '../../src/store/inspect/requests.ts'
import { selectSituation } from '../../src/store/inspect/situation.ts'
import { listWorkers } from '../../src/store/inspect/workers.ts'
import { selectMatching } from '../../src/store/matches.ts'
import { freshDatabase } from '../support/fixture.ts'
import { insertActivity, insertHistory } from '../support/history.ts'
import { costOf, type PlanMode } from '../support/plans.ts'

/** Much more than any answer may read. */
const REQUESTS = 300_000
const CHANNELS = ['channel-0', 'channel-1', 'channel-2']

let client: pg.Client
beforeAll(async () => {
  client = new pg.Client({ connectionString: await freshDatabase() })
  await client.connect()
  await client.query('ALTER TABLE requeuest_request SET (autovacuum_enabled = false)')
  await client.query('ALTER TABLE requeuest_attempt SET (autovacuum_enabled = false)')
  await insertHistory(client, REQUESTS)
  await insertActivity(client)
  await client.query('VACUUM ANALYZE requeuest_request, requeuest_attempt, requeuest_activity')
}, 120_000)
afterAll(() => client.end())

const terms = (where?: RequestFilter) => resolveWhere(where)
const nothing = terms({ channel: 'channel-1', url: 'https://nowhere.example.com/' })
const rare = terms({ state: { in: ['failed', 'cancelled'] }, url: 'https://nowhere.example.com/' })
const failed = terms({ state: 'failed', channel: 'channel-1' })

/** What an answer may read of pages, by the limits that it is asked with. */
const ANSWERS: [what: string, make: (db: PrismaTransactionLike) => unknown, pages: number][] = [
  ['a page of a list', (db) => matchRecent(db, terms(), null, 1000, 51, 51), 60],
  ['a page of a list in which nothing matches', (db) => matchRecent(db, nothing, null, 1000, 51, 51), 150],
  ['what failed, among few that did', (db) => matchFew(db, failed, null, 1000, 51), 5 * 400],
  ['whether few failed, of many that did', (db) => matchFew(db, failed, null, 50, 51), 300],
  ['what is pending, of few that are', (db) => matchFew(db, terms({ state: 'pending' }), null, 2000, 51), 5 * 1000],
  [
    'what was delivered in a minute',
    (db) =>
      matchFew(db, terms({ state: 'delivered', finishedAt: { gte: new Date(Date.now() - 60_000) } }), null, 1000, 51),
    5 * 100,
  ],
  [
    'a batch of what is redriven',
    (db) => selectMatching(db, terms({ state: 'delivered' }), lastIds(9000)[8999]!, 1000),
    300,
  ],
  ['a page of what failed', (db) => matchRecent(db, terms({ state: 'failed' }), null, 200, 51, 51), 120],
  ['a page of what failed, in which nothing matches', (db) => matchRecent(db, rare, null, 200, 51, 51), 200 + 100],
  ['a batch of what failed', (db) => selectMatching(db, terms({ state: 'failed' }), null, 100), 150],
  ['what a request waits for', (db) => selectSituation(db, lastIds(1000)[997]!), 40],
  ['a sample of matches', (db) => sampleMatching(db, nothing, 100), 250],
  ['what a list shows of 50 requests', (db) => listRequests(db, lastIds(50)), 50 * 9],
  ['the channels', (db) => listLiveChannels(db, 100, 100), 300],
  ['how many are due and delayed', (db) => countReady(db, CHANNELS, 50), 1000],
  ['how many are in line', (db) => countInLines(db, CHANNELS, 50), 3 * 80],
  ['how many are claimed', (db) => countClaims(db, 100), 150],
  ['a sample of channels', (db) => sampleChannels(db, 100), 250],
  ['failures', (db) => groupFailures(db, null, 100, 10), 100 * 9],
  ['failures of the last hour', (db) => groupFailures(db, 3_600_000, 100, 10), 100 * 9],
  ['attempts of the last minutes', (db) => groupAttempts(db, 300_000, 1000, 10), 1000 * 4 + 400],
  ['the limits of origins', (db) => listLimits(db, 'origin', '', 100), 100],
  ['held lines', (db) => listHeldLines(db, 100, 100, 1000), 100],
  ['what was sent in a day by origin', (db) => listActivity(db, 'origin', 30, 86_400_000, undefined, 100), 500],
  ['what was sent in ten hours by origin', (db) => listActivity(db, 'origin', 10, 36_000_000, undefined, 100), 500],
  ['what was sent in an hour by origin', (db) => listActivity(db, 'origin', 1, 3_600_000, undefined, 100), 500],
  ['what was sent in an hour by channel', (db) => listActivity(db, 'channel', 1, 3_600_000, undefined, 100), 250],
  [
    'what was sent to one origin',
    (db) => listActivity(db, 'origin', 30, 86_400_000, 'https://api-1.example.com', 100),
    200,
  ],
  ['the workers', (db) => listWorkers(db, 100), 150],
]

const lastIds = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const hex = (1760000000000 + REQUESTS - index).toString(16).padStart(12, '0')
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-000000000000`
  })

test.each(
  ANSWERS.flatMap(([what, make, pages]) =>
    (['force_custom_plan', 'force_generic_plan'] as const).map((mode): [string, PlanMode, typeof make, number] => [
      what,
      mode,
      make,
      pages,
    ]),
  ),
)('%s costs no more than its limits say, whatever is in the tables: %s', async (_, mode, make, most) => {
  await client.query('SET enable_seqscan = on')
  // As the transaction does in which attempts are read.
  if (make.toString().includes('groupAttempts')) await client.query('SET enable_seqscan = off')
  const { pages, scanned } = await costOf(client, mode, make)
  expect(scanned).toEqual([])
  expect(pages).toBeLessThan(most)
})

test.each<PlanMode>(['force_custom_plan', 'force_generic_plan'])(
  'many failures and a backlog cost an answer no more than few, where the planner knows nothing of them: %s',
  async (mode) => {
    await client.query(
      "BEGIN; UPDATE requeuest_request SET state = 'failed' WHERE state = 'delivered' AND channel = 'channel-2'",
    )
    await client.query("UPDATE requeuest_request SET state = 'pending', finished_at = NULL WHERE channel = 'channel-0'")
    for (const [make, most] of [
      [(db) => groupFailures(db, null, 100, 10), 100 * 9],
      [(db) => countReady(db, CHANNELS, 50), 6 * 100 + 400],
      [(db) => matchFew(db, failed, null, 50, 51), 300],
      [(db) => matchRecent(db, rare, null, 200, 51, 51), 600],
    ] as [(db: PrismaTransactionLike) => unknown, number][]) {
      const { pages, scanned } = await costOf(client, mode, make)
      expect(scanned).toEqual([])
      expect(pages).toBeLessThan(most)
    }
    await client.query('ROLLBACK')
  },
  60_000,
)
