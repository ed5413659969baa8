import { beforeEach, expect, test } from 'vitest'
import type { PrismaClient } from '../../../generated/prisma/client.ts'
import type { DashboardActionEvent } from '../../../src/dashboard/index.ts'
import { DASHBOARD_ACTIONS } from '../../../src/dashboard/options.ts'
import type { Requeuest } from '../../../src/index.ts'
import { claim } from '../../support/factory.ts'
import { createRequeuest, useDatabase } from '../../support/fixture.ts'
import { browse, fieldsOf, SAME_ORIGIN } from '../browse.ts'

const database = useDatabase()
const url = 'http://example.com/'
const ID = '00000000-0000-7000-8000-000000000000'
let prisma: PrismaClient
let requeuest: Requeuest
beforeEach(() => {
  prisma = database.prisma
  requeuest = createRequeuest(prisma)
})

const stateOf = async (id: string) => (await prisma.httpRequest.findUniqueOrThrow({ where: { id } })).state
const count = (where: object) => prisma.httpRequest.count({ where })

async function spawnFailed(channel: string, many: number): Promise<string[]> {
  const ids = await requeuest.spawnMany(channel, Array(many).fill(url))
  const data = { state: 'failed', failureCode: 'attempts_exhausted', finishedAt: new Date() } as const
  await prisma.httpRequest.updateMany({ where: { id: { in: ids } }, data })
  return ids
}

async function holdLine(): Promise<string> {
  const [holder] = await requeuest.spawnMany('orders', [url, url], { order: { key: 'k', afterFailure: 'hold' } })
  await prisma.httpRequest.update({
    where: { id: holder! },
    data: { state: 'failed', failureCode: 'rejected', finishedAt: new Date() },
  })
  await prisma.httpLine.updateMany({ data: { heldById: holder!, heldAt: new Date() } })
  return holder!
}

interface Case {
  /** Makes what it is done to, and returns the fields of its form. */
  make: () => Promise<Record<string, string>>
  /** Whether it has been done. */
  isDone: () => Promise<boolean>
  target: () => Promise<unknown>
}

const limit = () => prisma.httpLimit.findFirst()
const schedule = () => prisma.httpSchedule.findFirst()
const define = () => requeuest.schedule('nightly', { cron: '0 3 1 1 *', channel: 'reports', request: { url } })
const first = async () => (await prisma.httpRequest.findFirstOrThrow()).id

const CASES: Readonly<Record<(typeof DASHBOARD_ACTIONS)[number], Case>> = {
  redrive: {
    make: async () => ({ id: (await spawnFailed('a', 1))[0]! }),
    isDone: async () => (await stateOf(await first())) === 'pending',
    target: async () => ({ requests: { id: await first() } }),
  },
  cancel: {
    make: async () => ({ id: await requeuest.spawn('a', url) }),
    isDone: async () => (await stateOf(await first())) === 'cancelled',
    target: async () => ({ requests: { id: await first() } }),
  },
  retarget: {
    make: async () => ({
      id: await requeuest.spawn('a', url),
      'to-url': 'https://other.example/',
      header: 'x-team: b',
    }),
    isDone: async () => (await prisma.httpRequest.findFirstOrThrow()).url === 'https://other.example/',
    target: async () => ({ requests: { id: await first() } }),
  },
  reschedule: {
    make: async () => ({ id: await requeuest.spawn('a', url, { delay: '2h' }), 'run-at': '+0s' }),
    isDone: async () => (await prisma.httpRequest.findFirstOrThrow()).runAt.getTime() < Date.now() + 60_000,
    target: async () => ({ requests: { id: await first() } }),
  },
  release: {
    make: async () => {
      await holdLine()
      return { channel: 'orders', key: 'k' }
    },
    isDone: async () => (await prisma.httpLine.count({ where: { heldById: { not: null } } })) === 0,
    target: async () => ({ line: { channel: 'orders', key: 'k' } }),
  },
  pause: {
    make: async () => ({ channel: 'a' }),
    isDone: async () => ((await limit())?.pausedAt ?? null) !== null,
    target: async () => ({ channel: 'a' }),
  },
  resume: {
    make: async () => {
      await requeuest.pause({ origin: 'http://example.com' })
      return { origin: 'http://example.com' }
    },
    isDone: async () => ((await limit())?.pausedAt ?? null) === null,
    target: async () => ({ origin: 'http://example.com' }),
  },
  setLimits: {
    make: async () => ({ channel: 'a', concurrency: '3', rate: '100', 'rate-interval': '1m' }),
    isDone: async () => (await limit())?.concurrency === 3 && (await limit())?.rateIntervalMs === 60_000,
    target: async () => ({ channel: 'a' }),
  },
  pauseSchedule: {
    make: async () => {
      await define()
      return { schedule: 'nightly' }
    },
    isDone: async () => (await schedule())?.pausedAt !== null,
    target: async () => ({ schedule: 'nightly' }),
  },
  resumeSchedule: {
    make: async () => {
      await define()
      await requeuest.pauseSchedule('nightly')
      return { schedule: 'nightly' }
    },
    isDone: async () => (await schedule())?.pausedAt === null,
    target: async () => ({ schedule: 'nightly' }),
  },
  runSchedule: {
    make: async () => {
      await define()
      return { schedule: 'nightly' }
    },
    isDone: async () => (await schedule())!.nextRunAt!.getTime() < Date.now() + 60_000,
    target: async () => ({ schedule: 'nightly' }),
  },
}

test.each(DASHBOARD_ACTIONS)('%s is asked about, done, told of, and leads back', async (action) => {
  const { make, isDone, target } = CASES[action]
  const events: DashboardActionEvent[] = []
  const { get, post } = browse(requeuest, { user: () => 'ann', onAction: (event) => events.push(event) })
  const fields = { ...(await make()), return: '/requests?channel=a' }
  const page = await get(`/actions/${action}?${new URLSearchParams(fields)}`)
  expect(page.status).toBe(200)
  expect(await isDone()).toBe(false)
  // As a browser would send it, with what the visitor types.
  const sent = { ...fieldsOf(await page.text()), ...fields }
  const done = await post(`/actions/${action}`, sent)
  expect(done.status).toBe(303)
  expect(done.headers.get('location')).toBe(`/requests?channel=a&done=${action}&changed=1&others=0`)
  expect(await isDone()).toBe(true)
  expect(events).toEqual([{ action, user: 'ann', target: await target(), changed: 1, result: 'done' }])
  const back = await (await get(done.headers.get('location')!)).text()
  expect(back).toContain('class="note good"')
  // A second click does no harm.
  expect((await post(`/actions/${action}`, sent)).status).toBe(303)
  expect(await isDone()).toBe(true)
  expect((await get(`/actions/${action}?${new URLSearchParams(fields)}`)).status).toBe(200)
})

test.each(DASHBOARD_ACTIONS)('%s is refused where access does not name it', async (action) => {
  const { make, isDone } = CASES[action]
  const fields = await make()
  const others = DASHBOARD_ACTIONS.filter((other) => other !== action)
  for (const access of ['read', others] as const) {
    const { get, post } = browse(requeuest, { access: () => access })
    expect((await get(`/actions/${action}?${new URLSearchParams(fields)}`)).status).toBe(403)
    expect((await post(`/actions/${action}`, fields)).status).toBe(403)
  }
  expect(await isDone()).toBe(false)
  expect((await browse(requeuest, { access: () => [action] }).post(`/actions/${action}`, fields)).status).toBe(303)
})

test('there is no other action', async () => {
  const { get, post } = browse(requeuest)
  for (const name of ['clear', 'constructor', '__proto__', 'toString']) {
    expect((await get(`/actions/${name}`)).status).toBe(404)
    expect((await post(`/actions/${name}`, { id: ID })).status).toBe(404)
  }
})

test.each([
  ['a page of another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
  ['another host of the same site', { 'sec-fetch-site': 'same-site', origin: 'http://other.127.0.0.1:3000' }],
  ['another origin where browsers say no more', { origin: 'https://evil.example' }],
  ['a page without an origin', { origin: 'null' }],
  ['what says nothing', {}],
])('a form from %s does nothing', async (_, headers) => {
  const id = await requeuest.spawn('a', url)
  expect((await browse(requeuest).post('/actions/cancel', { id }, headers)).status).toBe(403)
  expect(await stateOf(id)).toBe('pending')
})

test.each([
  ['by its origin and its site', SAME_ORIGIN],
  ['by its site alone', { 'sec-fetch-site': 'same-origin' }],
  ['by its origin alone, as on plain http', { origin: SAME_ORIGIN.origin }],
])('a form of the dashboard is known %s', async (_, headers) => {
  const id = await requeuest.spawn('a', url)
  expect((await browse(requeuest).post('/actions/cancel', { id }, headers)).status).toBe(303)
  expect(await stateOf(id)).toBe('cancelled')
})

test('without any condition nothing is changed', async () => {
  await spawnFailed('a', 2)
  const { get, post } = browse(requeuest)
  for (const fields of [{}, { channel: '' }, { return: '/' }, { unknown: 'x' }, { id: '' }]) {
    const page = await get(`/actions/redrive?${new URLSearchParams(fields as Record<string, string>)}`)
    expect(page.status).toBe(400)
    expect((await post('/actions/redrive', fields)).status).toBe(400)
  }
  expect(await count({ state: 'failed' })).toBe(2)
  expect((await post('/actions/redrive', { state: 'failed' })).status).toBe(303)
  expect(await count({ state: 'failed' })).toBe(0)
})

test('of what matches only that is counted and changed which the action can change', async () => {
  const failed = await spawnFailed('a', 3)
  const pending = await requeuest.spawn('a', url)
  await spawnFailed('b', 1)
  const { get, post } = browse(requeuest)
  const page = await (await get('/actions/redrive?channel=a&state=failed&state=pending')).text()
  expect(page).toContain('Redrive 3 requests?')
  await post('/actions/redrive', fieldsOf(page))
  expect(await count({ id: { in: failed }, state: 'pending' })).toBe(3)
  expect(await count({ channel: 'b', state: 'failed' })).toBe(1)
  const none = await (await get('/actions/redrive?channel=a&state=pending')).text()
  expect(none).toContain('No request that matches is failed or cancelled')
  expect(none).not.toContain('type="submit"')
  expect((await post('/actions/redrive', { state: 'pending' })).headers.get('location')).toContain('changed=0')
  expect(await stateOf(pending)).toBe('pending')
})

test('an empty field of a form is none, for the page that counts and for the action', async () => {
  await spawnFailed('a', 2)
  const { get, post } = browse(requeuest)
  const page = await (await get('/actions/redrive?form=&order-key=&channel=a')).text()
  expect(page).toContain('Redrive 2 requests?')
  expect((await post('/actions/redrive', fieldsOf(page))).headers.get('location')).toContain('changed=2')
})

test('a selection is changed, and nothing else', async () => {
  const ids = await spawnFailed('a', 5)
  const { get, post } = browse(requeuest)
  const page = await (await get(`/actions/redrive?id=${ids[0]}&id=${ids[3]}`)).text()
  expect(page).toContain('Redrive 2 requests?')
  expect((await post('/actions/redrive', fieldsOf(page))).headers.get('location')).toContain('changed=2')
  expect(await count({ state: 'pending', id: { in: [ids[0]!, ids[3]!] } })).toBe(2)
  expect(await count({ state: 'failed' })).toBe(3)
})

test('a time that is counted from now is the one that was confirmed', async () => {
  const [old] = await spawnFailed('a', 1)
  await prisma.httpRequest.update({ where: { id: old! }, data: { createdAt: new Date(Date.now() - 3_599_000) } })
  const { get, post } = browse(requeuest)
  const fields = fieldsOf(await (await get('/actions/redrive?created-after=1h')).text())
  const [after] = fields['created-after']!
  expect(Math.abs(Date.parse(after!) - (Date.now() - 3_600_000))).toBeLessThan(30_000)
  await prisma.httpRequest.update({ where: { id: old! }, data: { createdAt: new Date(Date.parse(after!) + 1) } })
  await post('/actions/redrive', fields)
  expect(await stateOf(old!)).toBe('pending')
})

test('what cannot be is said beside what was typed, and nobody is told of an action', async () => {
  const [id] = await spawnFailed('a', 1)
  const events: DashboardActionEvent[] = []
  const { post } = browse(requeuest, { onAction: (event) => events.push(event) })
  const cases: [action: string, fields: Record<string, string | string[]>, message: string][] = [
    ['redrive', { id: id!, 'max-attempts': '0' }, 'options.maxAttempts must be'],
    ['redrive', { id: id!, 'max-attempts': 'many<script>' }, 'max-attempts must be a whole number'],
    ['redrive', { id: id!, 'expires-after': 'soon' }, 'expires-after must be a duration'],
    ['retarget', { id: id!, 'to-url': 'ftp://example.com' }, 'target.url must be'],
    ['retarget', { id: id!, header: 'a-secret without a colon' }, 'header must be a line'],
    ['retarget', { id: id! }, 'target must be an object with'],
    ['reschedule', { id: id!, 'run-at': '2h' }, 'run-at must be'],
    ['setLimits', { channel: 'a', concurrency: '0' }, 'limits.concurrency must be'],
    ['setLimits', { channel: 'a' }, 'concurrency must be a number'],
    ['setLimits', { channel: 'a', rate: ['1', '100'] }, 'rate must be given once'],
    ['pause', { channel: ['a', 'b'] }, 'channel must be given once'],
    ['pauseSchedule', { schedule: ['a', 'b'] }, 'schedule must be given once'],
    ['release', { channel: 'a', key: ['a', 'b'] }, 'key must be given once'],
    ['retarget', { id: id!, 'to-url': [url, url] }, 'to-url must be given once'],
    ['reschedule', { id: id!, 'run-at': ['+1h', '+2h'] }, 'run-at must be given once'],
    ['cancel', { channel: 'a', padding: 'x'.repeat(1_000_000) }, 'the form must be at most 1000000 bytes'],
  ]
  for (const [action, fields, message] of cases) {
    const page = await post(`/actions/${action}`, fields)
    expect(page.status, message).toBe(400)
    const html = await page.text()
    expect(html).toContain(message)
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('got &quot;a-secret')
  }
  expect(events).toEqual([])
  expect(await stateOf(id!)).toBe('failed')
})

test('limits that are there are in the fields, and an empty field removes one', async () => {
  await requeuest.setLimits({ channel: 'a' }, { concurrency: 5, rate: { limit: 90, interval: 1500 } })
  const { get, post } = browse(requeuest)
  const fields = fieldsOf(await (await get('/actions/setLimits?channel=a')).text())
  expect(fields).toMatchObject({ concurrency: ['5'], rate: ['90'], 'rate-interval': ['1500ms'] })
  await post('/actions/setLimits', { ...fields, concurrency: '' })
  expect(await prisma.httpLimit.findFirst()).toMatchObject({ concurrency: null, rate: 90, rateIntervalMs: 1500 })
  await post('/actions/setLimits', { channel: 'a', concurrency: '7' })
  expect(await prisma.httpLimit.findFirst()).toMatchObject({ concurrency: 7, rate: 90 })
})

test('a schedule that is run twice by two clicks spawns one request', async () => {
  await define()
  const { get, post } = browse(requeuest)
  const fields = fieldsOf(await (await get('/actions/runSchedule?schedule=nightly')).text())
  await requeuest.start({ channels: ['none'] })
  expect((await post('/actions/runSchedule', fields)).headers.get('location')).toContain('changed=1')
  await expect.poll(() => count({ channel: 'reports' })).toBe(1)
  expect((await post('/actions/runSchedule', fields)).headers.get('location')).toContain('changed=0')
  expect((await schedule())!.nextRunAt!.getTime()).toBeGreaterThan(Date.now() + 60_000)
  await requeuest.stop()
})

test('who cancels is told what may still arrive', async () => {
  await requeuest.spawnMany('test', [url, url, url])
  await claim(prisma)
  const { get, post } = browse(requeuest)
  const { headers } = await post('/actions/cancel', { channel: 'test' })
  expect(await (await get(headers.get('location')!)).text()).toContain('3 of them may still arrive')
})

test('an action that fails is told of as failed', async () => {
  const id = await requeuest.spawn('a', url)
  await prisma.$executeRaw`
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$`
  await prisma.$executeRaw`CREATE TRIGGER refuse BEFORE UPDATE ON requeuest_request EXECUTE FUNCTION refuse()`
  try {
    const errors: unknown[] = []
    requeuest.on('error', (error) => errors.push(error))
    const events: DashboardActionEvent[] = []
    const { post } = browse(requeuest, { onAction: (event) => events.push(event) })
    expect((await post('/actions/cancel', { id })).status).toBe(503)
    expect(events).toMatchObject([{ action: 'cancel', user: null, changed: 0, result: 'failed' }])
    expect(errors).toMatchObject([{ code: 'database_error' }])
  } finally {
    await prisma.$executeRaw`DROP TRIGGER refuse ON requeuest_request`
  }
})

test('what user and onAction throw is emitted, and changes nothing', async () => {
  const id = await requeuest.spawn('a', url)
  const errors: unknown[] = []
  requeuest.on('error', (error) => errors.push(error))
  const refuse = async () => {
    throw new Error('the audit log is full')
  }
  const { post } = browse(requeuest, { user: refuse, onAction: refuse })
  expect((await post('/actions/cancel', { id })).status).toBe(303)
  expect(await stateOf(id)).toBe('cancelled')
  expect(errors).toMatchObject([
    { code: 'handler_failed', message: expect.stringContaining('options.user') },
    { code: 'handler_failed', message: expect.stringContaining('options.onAction') },
  ])
})

test('a form that somebody else has read is an error of the application, and no form without fields', async () => {
  const errors: unknown[] = []
  requeuest.on('error', (error) => errors.push(error))
  const { post } = browse(requeuest, { access: async (request) => ((await request.text()) === '' ? false : 'full') })
  expect((await post('/actions/redrive', { state: 'failed' })).status).toBe(500)
  expect(errors).toMatchObject([{ message: expect.stringContaining('was read before it came to the dashboard') }])
})

test('of hostile targets nothing is run', async () => {
  const hostile = `"><script>alert(1)</script>\u202e'&amp;`
  await requeuest.spawn(hostile, url)
  await requeuest.schedule(hostile, { cron: '@daily', channel: 'a', request: { url } })
  const { get, post } = browse(requeuest)
  for (const action of DASHBOARD_ACTIONS) {
    const fields = { channel: hostile, key: hostile, schedule: hostile, state: 'pending', return: hostile }
    const page = await (await get(`/actions/${action}?${new URLSearchParams(fields)}`)).text()
    expect(page).not.toContain('<script>alert')
    const after = await post(`/actions/${action}`, { ...fields, 'max-attempts': hostile, 'run-at': hostile })
    expect(await after.text()).not.toContain('<script>alert')
  }
  expect(await (await get(`/requests?done=${encodeURIComponent(hostile)}&changed=1`)).text()).not.toContain(
    'class="note',
  )
  expect(await (await get('/requests?done=pause&changed=1e9')).text()).not.toContain('class="note')
})
