import { expect, test, vi } from 'vitest'
import type { AttemptCase, AttemptVerdict, ChannelOptions, FailedEvent, RequeuestError } from '../../src/index.ts'
import { nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

/** A receiver that answers with the statuses of its path, one after the other, and then with the last. */
function scripted() {
  const seen = new Map<string, number>()
  return receiverOf(({ url }) => {
    const statuses = url.slice(1).split(',')
    const nth = seen.get(url) ?? 0
    seen.set(url, nth + 1)
    return { status: Number(statuses[nth] ?? statuses.at(-1)) }
  })
}

async function started(channel: ChannelOptions = {}) {
  const requeuest = createRequeuest(database.prisma, { channels: { judged: channel } })
  await requeuest.start({ channels: ['judged'] })
  return requeuest
}

test('the rules of a request are stored with it, so that every worker goes by them', async () => {
  const receiver = await scripted()
  const spawner = createRequeuest(database.prisma, { preset: 'api' })
  const gone = await spawner.spawn('judged', `${receiver.url}/503,410`)
  const busy = await spawner.spawn('judged', `${receiver.url}/429,408,200`)
  const missing = await spawner.spawn('judged', `${receiver.url}/404,404,200`, {
    retry: { onStatus: { 404: 'retry' } },
  })
  const requeuest = await started()
  const failed = nextEvent<FailedEvent>(requeuest, 'failed')
  expect(await failed).toMatchObject({ requestId: gone, attempts: 2, failureCode: 'rejected' })
  expect(await requeuest.waitFor(busy)).toMatchObject({ attempts: 3 })
  expect(await requeuest.waitFor(missing)).toMatchObject({ attempts: 3 })
  const { attempts } = (await requeuest.find(gone))!
  expect(attempts.map(({ outcome, status }) => [outcome, status])).toEqual([
    ['rejected', 503],
    ['rejected', 410],
  ])
})

test('the rules of a request are what a row written by hand says', async () => {
  const receiver = await scripted()
  const data = {
    channel: 'judged',
    url: `${receiver.url}/500,418`,
    backoffDelays: [20],
  }
  const { id } = await database.prisma.httpRequest.create({ data: { ...data, onStatus: { '400-499': 'fail' } } })
  const requeuest = await started()
  expect(await nextEvent(requeuest, 'failed')).toMatchObject({ requestId: id, attempts: 2, failureCode: 'rejected' })
})

test('the rules of a request may say times in texts, as options do, in a row written by hand', async () => {
  const receiver = await scripted()
  const onStatus = { 503: { base: '0.02s', jitter: 'none' } }
  await database.prisma.httpRequest.create({ data: { channel: 'judged', url: `${receiver.url}/503,200`, onStatus } })
  const requeuest = await started()
  expect(await nextEvent(requeuest, 'attempt')).toMatchObject({ outcome: 'rejected', retryInMs: 20 })
})

test.each([
  [[]],
  [{ 410: 'explode' }],
  [{ 429: { base: '1 minute' } }],
  [{ 429: { baseMs: 60_000 } }],
  [{ '400-410': 'fail', '405-415': 'retry' }],
  ['fail'],
  [5],
])('the rules of a request that cannot be, in a row written by hand, fail it unsent: %j', async (onStatus) => {
  const receiver = await receiverOf()
  const { id } = await database.prisma.httpRequest.create({
    data: { channel: 'judged', url: receiver.url, onStatus },
  })
  const requeuest = await started()
  expect(await nextEvent(requeuest, 'failed')).toMatchObject({ requestId: id, failureCode: 'invalid_request' })
  expect((await requeuest.find(id))?.attempts[0]?.errorMessage).toContain('onStatus')
  expect(receiver.requests).toEqual([])
})

test('the rules of a request decide when the next attempt comes', async () => {
  const receiver = await scripted()
  const requeuest = await started()
  const attempt = nextEvent<{ retryInMs: number }>(requeuest, 'attempt')
  await requeuest.spawn('judged', `${receiver.url}/504`, { preset: 'webhook' })
  const { retryInMs } = await attempt
  expect(retryInMs).toBeGreaterThanOrEqual(30_000)
  expect(retryInMs).toBeLessThanOrEqual(60_000)
  const row = await database.prisma.httpRequest.findFirstOrThrow()
  expect(row).toMatchObject({ maxAttempts: 10, backoffJitter: 'equal' })
  expect(row.backoffDelays.map((ms) => ms / 60_000)).toEqual([1 / 12, 5, 30, 120, 300, 600, 840, 1200, 1440])
})

test('the rules of a request are written by spawnMany as by spawn', async () => {
  const requeuest = createRequeuest(database.prisma)
  const options = { preset: 'webhook', retry: { backoff: { delays: [7, 8] }, onStatus: { '4xx': 'fail' } } } as const
  await requeuest.spawnMany('judged', ['https://example.com', 'https://example.com'], options)
  await requeuest.spawn('judged', 'https://example.com', options)
  await requeuest.spawnMany('plain', ['https://example.com', 'https://example.com'])
  const rows = await database.prisma.httpRequest.findMany({ where: { channel: 'judged' } })
  expect(rows.map((row) => row.backoffDelays)).toEqual(Array(3).fill([7, 8]))
  expect(rows.map((row) => row.onStatus)).toEqual(Array(3).fill(rows[0]?.onStatus))
  expect(rows[0]?.onStatus).toMatchObject({ '4xx': 'fail', 410: 'fail', 429: { base: '1m' } })
  const plain = await database.prisma.httpRequest.findMany({ where: { channel: 'plain' } })
  expect(plain.map(({ onStatus, backoffDelays }) => [onStatus, backoffDelays])).toEqual(Array(2).fill([null, []]))
})

test('Postgres refuses a negative wait', async () => {
  const data = { channel: 'judged', url: 'https://example.com', backoffDelays: [5, -1] }
  await expect(database.prisma.httpRequest.create({ data })).rejects.toThrow('requeuest_request_backoff_delays_check')
})

test('a function that judges sees each attempt as it is recorded, and its verdict holds', async () => {
  const receiver = await receiverOf((_, index) => ({ status: index === 2 ? 500 : 200, body: `{"state":${index}}` }))
  const seen: AttemptCase[] = []
  const verdicts: (AttemptVerdict | undefined)[] = ['retry', { retryIn: 5 }, 'deliver']
  const requeuest = await started({
    decide: (attempt) => {
      seen.push(attempt)
      return verdicts[seen.length - 1]
    },
  })
  const id = await requeuest.spawn('judged', receiver.url)
  expect(await requeuest.waitFor(id)).toMatchObject({ status: 500, attempts: 3 })
  const url = `${receiver.url}/`
  expect(seen.map(({ request }) => request)).toEqual(Array(3).fill({ id, channel: 'judged', method: 'GET', url }))
  expect(seen.map(({ attempt }) => [attempt.number, attempt.outcome, attempt.status])).toEqual([
    [1, 'accepted', 200],
    [2, 'accepted', 200],
    [3, 'rejected', 500],
  ])
  expect(JSON.parse(new TextDecoder().decode(seen[0]?.attempt.body ?? undefined))).toEqual({ state: 0 })
  const rows = await database.prisma.httpAttempt.findMany({ orderBy: { number: 'asc' } })
  expect(rows.map(({ outcome }) => outcome)).toEqual(['rejected', 'rejected', 'accepted'])
})

test('a function that judges leaves to the rules of the request what it says nothing of', async () => {
  const receiver = await scripted()
  const requeuest = await started({ decide: () => undefined })
  const url = `${receiver.url}/500,200`
  expect(await requeuest.spawnReturning('judged', url)).toMatchObject({ attempts: 2 })
})

test('a function that judges can give up, also on who does not answer', async () => {
  const receiver = await receiverOf(() => ({ how: 'reset' }))
  const requeuest = await started({ decide: ({ attempt }) => (attempt.number === 2 ? 'fail' : undefined) })
  const failed = nextEvent<FailedEvent>(requeuest, 'failed')
  await requeuest.spawn('judged', receiver.url)
  expect(await failed).toMatchObject({ attempts: 2, failureCode: 'rejected' })
  expect(await database.prisma.httpAttempt.findMany()).toMatchObject([
    { outcome: 'network_error' },
    { outcome: 'network_error' },
  ])
})

test('a function that judges is not asked about what cannot be sent', async () => {
  const decide = vi.fn(() => 'retry' as const)
  const requeuest = await started({ decide })
  const failed = nextEvent<FailedEvent>(requeuest, 'failed')
  await requeuest.spawn('judged', 'http://10.0.0.1')
  expect(await failed).toMatchObject({ failureCode: 'address_blocked' })
  expect(decide).not.toHaveBeenCalled()
})

test('a function that judges cannot change what is recorded', async () => {
  const receiver = await receiverOf(() => ({ headers: { 'x-state': 'as it was' }, body: 'as it was' }))
  const requeuest = await started({
    decide: ({ attempt }) => {
      attempt.body?.fill(0)
      attempt.headers!.length = 0
      return undefined
    },
  })
  const response = await requeuest.spawnReturning('judged', receiver.url)
  expect(response.text()).toBe('as it was')
  expect(response.headers.get('x-state')).toBe('as it was')
})

test.each<[string, () => unknown, string]>([
  [
    'throws',
    () => {
      throw new TypeError('no such\nthing')
    },
    'no such thing',
  ],
  ['returns what is no verdict', () => 'delivered', 'it returned "delivered", which is not a verdict'],
  [
    'returns a promise',
    async () => Promise.reject(new Error('unseen')),
    'it returned a promise, which is not a verdict',
  ],
  ['returns null', () => null, 'it returned null, which is not a verdict'],
  ['returns a wait by an old name', () => ({ retryInMs: 5 }), 'did you mean `retryIn`?'],
  ['returns a wait that cannot be', () => ({ retryIn: -1 }), 'retryIn must be a duration from 0 ms to 24 days'],
  ['delivers what has no response', () => 'deliver', "it returned 'deliver' for an attempt without a response"],
])('a function that judges that %s is reported, and the rules decide', async (_, decide, message) => {
  const receiver = await receiverOf((_, index) => (index === 0 ? { how: 'reset' } : {}))
  const requeuest = await started({
    decide: (attempt) => (attempt.attempt.number === 1 ? decide() : undefined) as never,
  })
  const reported = nextEvent<RequeuestError>(requeuest, 'error')
  expect(await requeuest.spawnReturning('judged', receiver.url)).toMatchObject({ attempts: 2 })
  const error = await reported
  expect(error.code).toBe('decision_failed')
  expect(error.message).toContain(`\`decide\` of the channel "judged" failed`)
  expect(error.message).toContain(message)
})
