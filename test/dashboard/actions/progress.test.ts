import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import type { PrismaClient } from '../../../generated/prisma/client.ts'
import { createDashboard, type DashboardActionEvent } from '../../../src/dashboard/index.ts'
import type { Requeuest } from '../../../src/index.ts'
import { createRequeuest, useDatabase } from '../../support/fixture.ts'
import { browse, SAME_ORIGIN } from '../browse.ts'

const database = useDatabase()
const LINES = { ...SAME_ORIGIN, accept: 'application/x-ndjson' }
let prisma: PrismaClient
let requeuest: Requeuest
beforeEach(() => {
  prisma = database.prisma
  requeuest = createRequeuest(prisma)
})

/** Written at once: there are many. */
async function spawnCancelled(many: number): Promise<void> {
  await prisma.$executeRaw`
    INSERT INTO requeuest_request (id, channel, url, state, finished_at)
    SELECT gen_random_uuid(), 'a', 'http://example.com/', 'cancelled', now() FROM generate_series(1, ${many}::int)`
}

const redriven = () => prisma.httpRequest.count({ where: { state: 'pending' } })
const linesOf = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** What `onAction` is told, and when that is. */
function listening() {
  let tell!: (event: DashboardActionEvent) => void
  const told = new Promise<DashboardActionEvent>((resolve) => {
    tell = resolve
  })
  return { told, onAction: (event: DashboardActionEvent) => tell(event) }
}

test('an action on all that match tells how far it is, line by line, and how it ended', async () => {
  await spawnCancelled(2300)
  const response = await browse(requeuest).post('/actions/redrive', { channel: 'a', return: '/requests' }, LINES)
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  expect(linesOf(await response.text())).toEqual([
    ...[1000, 2000, 2300].map((done) => ({ done, changed: done, total: 2300 })),
    {
      result: 'done',
      changed: 2300,
      message: expect.stringContaining('2,300 requests were redriven'),
      back: '/requests?done=redrive&changed=2300&others=0',
    },
  ])
})

test('without asking for lines it runs to its end, whoever leaves', async () => {
  await spawnCancelled(2300)
  const { told, onAction } = listening()
  const leaving = new AbortController()
  const posted = browse(requeuest, { onAction }).post('/actions/redrive', { channel: 'a' }, SAME_ORIGIN, leaving.signal)
  leaving.abort()
  expect(await told).toMatchObject({ changed: 2300, result: 'done' })
  await posted.catch(() => {})
  expect(await redriven()).toBe(2300)
})

test.each(['aborts the request', 'stops reading'])(
  'whoever %s half-way stops it: finished batches stay, and the number told is true',
  async (how) => {
    await spawnCancelled(6000)
    const { told, onAction } = listening()
    const abort = new AbortController()
    const { body } = await browse(requeuest, { onAction }).post(
      '/actions/redrive',
      { channel: 'a' },
      LINES,
      abort.signal,
    )
    const reader = body!.getReader()
    const [first] = linesOf(new TextDecoder().decode((await reader.read()).value))
    expect(first.done % 1000).toBe(0)
    if (how === 'stops reading') await reader.cancel()
    else abort.abort()
    const event = await told
    expect(event).toMatchObject({ action: 'redrive', result: 'stopped', target: { requests: { channel: 'a' } } })
    expect(event.changed).toBeGreaterThanOrEqual(first.done)
    expect(event.changed).toBeLessThan(6000)
    expect(await redriven()).toBe(event.changed)
  },
)

test('a browser that hangs up stops it, through a server of Node', async () => {
  await spawnCancelled(6000)
  const { told, onAction } = listening()
  const dashboard = createDashboard(requeuest, { access: () => 'full', onAction })
  const server = createServer(dashboard.toNode()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  const abort = new AbortController()
  const { body } = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/actions/redrive`, {
    method: 'POST',
    headers: { 'sec-fetch-site': 'same-origin', accept: 'application/x-ndjson' },
    body: new URLSearchParams({ channel: 'a' }),
    signal: abort.signal,
  })
  await body!.getReader().read()
  abort.abort()
  const event = await told
  expect(event.result).toBe('stopped')
  expect(await redriven()).toBe(event.changed)
})

test('an action that fails half-way tells how much was done', async () => {
  await spawnCancelled(2300)
  const last = await prisma.httpRequest.findFirstOrThrow({ orderBy: { id: 'desc' } })
  await prisma.$executeRawUnsafe(
    `CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$`,
  )
  await prisma.$executeRawUnsafe(
    `CREATE TRIGGER refuse BEFORE UPDATE ON requeuest_request FOR EACH ROW WHEN (OLD.id = '${last.id}') EXECUTE FUNCTION refuse()`,
  )
  const { told, onAction } = listening()
  const errors: unknown[] = []
  requeuest.on('error', (error) => errors.push(error))
  try {
    const response = await browse(requeuest, { onAction }).post('/actions/redrive', { channel: 'a' }, LINES)
    const lines = linesOf(await response.text())
    expect(lines.at(-1)).toMatchObject({ result: 'failed', changed: 2000, message: expect.any(String) })
    expect(await told).toMatchObject({ result: 'failed', changed: 2000 })
    expect(await redriven()).toBe(2000)
    expect(errors).toMatchObject([{ code: 'database_error' }])
  } finally {
    await prisma.$executeRaw`DROP TRIGGER refuse ON requeuest_request`
  }
})

test('two at once change each request once', async () => {
  await spawnCancelled(1500)
  const events: DashboardActionEvent[] = []
  const { post } = browse(requeuest, { onAction: (event) => events.push(event) })
  await Promise.all([post('/actions/redrive', { channel: 'a' }), post('/actions/redrive', { channel: 'a' })])
  expect(events.reduce((sum, { changed }) => sum + changed, 0)).toBe(1500)
  expect(await redriven()).toBe(1500)
})

test('of many requests the page warns, with a number that people can read', async () => {
  await spawnCancelled(1234)
  const page = await (await browse(requeuest).get('/actions/redrive?channel=a')).text()
  expect(page).toMatch(/Redrive about 1,[12]\d0 requests\?/)
  expect(page).toContain('class="note warn"')
})

test('what cannot be is said as the last line', async () => {
  await spawnCancelled(1)
  const { post } = browse(requeuest)
  const response = await post('/actions/redrive', { channel: 'a', 'max-attempts': '0' }, LINES)
  expect(linesOf(await response.text())).toEqual([
    { result: 'failed', changed: 0, message: expect.stringContaining('options.maxAttempts must be') },
  ])
})
