import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import type { PrismaClient } from '../../generated/prisma/client.ts'
import { type AttemptEvent, http, type Requeuest, type RequeuestError, type RequeuestOptions } from '../../src/index.ts'
import { nextEvent } from '../support/factory.ts'
import { connect, createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

interface Invoice {
  number: number
}

async function started(
  options: RequeuestOptions = {},
  prepare: (requeuest: Requeuest<PrismaClient>) => unknown = () => {},
) {
  const requeuest = createRequeuest(database.prisma, options) as Requeuest<PrismaClient>
  prepare(requeuest)
  await requeuest.start({ channels: ['billing'], concurrency: 4 })
  return requeuest
}

test('a request that is made when it is sent holds its arguments alone, and is made anew for each attempt', async () => {
  const receiver = await receiverOf((_, index) => ({ status: index === 0 ? 503 : 200 }))
  let token = 0
  const requeuest = await started({}, (it) =>
    it.renderer<Invoice>('invoice', ({ args, request }) => {
      const headers = {
        authorization: `Bearer s3cret${++token}`,
        'x-request': request.id,
        'x-channel': request.channel,
      }
      return http.post(`${receiver.url}/invoices/${args.number}?key=s3cret`, { headers, json: { total: token } })
    }),
  )
  const id = await requeuest.spawn('billing', { render: 'invoice', args: { number: 17 } })
  await requeuest.waitFor(id)
  expect(
    receiver.requests.map(({ method, url, headers, body }) => [method, url, headers['authorization'], String(body)]),
  ).toEqual([
    ['POST', '/invoices/17?key=s3cret', 'Bearer s3cret1', '{"total":1}'],
    ['POST', '/invoices/17?key=s3cret', 'Bearer s3cret2', '{"total":2}'],
  ])
  expect(receiver.requests[0]!.headers).toMatchObject({
    'idempotency-key': id,
    'x-request': id,
    'x-channel': 'billing',
  })

  const row = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id }, include: { attempts: true } })
  expect(row).toMatchObject({ url: 'render://invoice', origin: 'render://invoice', headers: [], state: 'delivered' })
  expect(JSON.parse(String(Buffer.from(row.body!)))).toEqual({ number: 17 })
  const found = (await requeuest.find(id))!
  expect(found.attempts[1]!.rendered).toEqual({
    method: 'POST',
    url: `${receiver.url}/invoices/17?key=(hidden)`,
    headers: [
      ['authorization', '(hidden)'],
      ['x-request', id],
      ['x-channel', 'billing'],
      ['content-type', 'application/json'],
    ],
    bodySize: 11,
  })
  expect(JSON.stringify(row)).not.toContain('s3cret')
})

test('a request that is made when it is sent is made from rows as they are now, which the renderer cannot change', async () => {
  const receiver = await receiverOf()
  const source = await createRequeuest(database.prisma).spawn('other', `${receiver.url}/before`)
  const requeuest = await started({}, (it) =>
    it.renderer<{ id: string }>('copy', async ({ tx, args }) => {
      const { url } = await tx.httpRequest.findUniqueOrThrow({ where: { id: args.id } })
      const write = tx.httpRequest.update({ where: { id: args.id }, data: { priority: 9 } })
      return write.then(
        () => `${url}/written`,
        () => url,
      )
    }),
  )
  const id = await requeuest.spawn('billing', { render: 'copy', args: { id: source } }, { delay: 100 })
  await database.prisma.httpRequest.update({ where: { id: source }, data: { url: `${receiver.url}/after` } })
  await nextEvent<AttemptEvent>(requeuest, 'attempt', ({ requestId }) => requestId === id)
  const { attempts } = (await requeuest.find(id))!
  expect(attempts[0]).toMatchObject({ outcome: 'accepted' })
  expect(receiver.requests.map(({ url }) => url)).toEqual(['/after'])
  expect(await database.prisma.httpRequest.findUniqueOrThrow({ where: { id: source } })).toMatchObject({
    priority: 5,
  })
})

test('a request that is made when it is sent may be a row written by hand, or one of many, and have no arguments', async () => {
  const receiver = await receiverOf()
  const requeuest = await started({}, (it) =>
    it.renderer('ping', ({ args }) => `${receiver.url}/${JSON.stringify(args)}`),
  )
  const data = { channel: 'billing', url: 'render://ping', body: Buffer.from('"by-hand"') }
  const { id } = await database.prisma.httpRequest.create({ data })
  const ids = await requeuest.spawnMany('billing', [{ render: 'ping' }, { render: 'ping', args: 5 }])
  for (const each of [id, ...ids]) await requeuest.waitFor(each)
  expect(receiver.requests.map(({ url }) => decodeURI(url)).sort()).toEqual(['/"by-hand"', '/5', '/null'])
})

test('a request that is made when it is sent may come from a schedule', async () => {
  const receiver = await receiverOf()
  const requeuest = await started({}, (it) =>
    it.renderer<Invoice>('invoice', ({ args }) => `${receiver.url}/${args.number}`),
  )
  const request = { render: 'invoice', args: { number: 17 } }
  await requeuest.schedule('hourly', { cron: '@hourly', channel: 'billing', request })
  await database.prisma.httpSchedule.update({ where: { name: 'hourly' }, data: { nextRunAt: new Date() } })
  await receiver.waitForRequests(1)
  expect(receiver.requests[0]!.url).toBe('/17')
})

test('a request that is made when it is sent is sent nowhere else by retarget()', async () => {
  const requeuest = createRequeuest(database.prisma)
  const id = await requeuest.spawn('billing', { render: 'invoice', args: { number: 17 } })
  const before = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  for (const target of [{ url: 'https://example.com' }, { headers: { a: 'b' } }]) {
    await expect(requeuest.retarget(id, target)).rejects.toMatchObject({ code: 'invalid_input', field: 'id' })
  }
  expect(await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })).toEqual(before)
})

test('a request that is made when it is sent keeps its arguments and what was made of it encrypted or hidden where contents are encrypted', async () => {
  const receiver = await receiverOf()
  const encryption = { keys: { a: Buffer.alloc(32, 1) }, current: 'a' }
  const requeuest = await started({ encryption }, (it) =>
    it.renderer<string>('secret', ({ args }) => http.put(receiver.url, { headers: { 'x-args': args }, body: args })),
  )
  const id = await requeuest.spawn('billing', { render: 'secret', args: 'plain-text' })
  await requeuest.waitFor(id)
  expect(receiver.requests[0]).toMatchObject({ method: 'PUT', headers: { 'x-args': 'plain-text' } })
  const { attempts, body } = await database.prisma.httpRequest.findUniqueOrThrow({
    where: { id },
    include: { attempts: true },
  })
  expect(String(Buffer.from(body!))).not.toContain('plain-text')
  expect(attempts[0]!.rendered).toMatchObject({
    headers: [
      ['x-args', '(hidden)'],
      ['content-type', '(hidden)'],
    ],
  })
  expect(String(Buffer.from((await requeuest.find(id))!.body!))).toBe('"plain-text"')
})

test('a request that is made when it is sent is held to the network rules and to what can be sent', async () => {
  const made = {
    blocked: 'http://10.0.0.1/',
    nested: { render: 'invoice' },
    headers: { url: 'http://127.0.0.1', headers: { host: 'a' } },
  }
  const requeuest = await started({}, (it) => {
    for (const [name, request] of Object.entries(made)) it.renderer(name, () => request as never)
  })
  for (const [render, outcome, errorCode, message] of [
    ['blocked', 'blocked', 'address_blocked', 'private'],
    ['nested', 'unprepared', 'render_failed', 'a complete request, not the name of another renderer'],
    ['headers', 'unprepared', 'render_failed', 'rendered.headers[0] must be a header that can be sent'],
  ]) {
    const ended = nextEvent<AttemptEvent>(requeuest, 'attempt')
    await requeuest.spawn('billing', { render: render! }, { retry: { maxAttempts: 1 } })
    expect(await ended).toMatchObject({ outcome, errorCode, errorMessage: expect.stringContaining(message!) })
  }
})

test.each<[string, () => unknown, string]>([
  [
    'throws',
    () => Promise.reject(new Error('no such\ninvoice: https://u:p@h/?t=1')),
    'no such invoice: https://(hidden)@h/?t=(hidden)',
  ],
  ['makes nothing', () => undefined, 'rendered must be a URL'],
  ['takes longer than the request has', () => new Promise(() => {}), 'it was not done within 300 ms'],
])('a renderer that %s ends the attempt as unprepared, and another one follows', async (_, render, message) => {
  const receiver = await receiverOf()
  let calls = 0
  const requeuest = await started({}, (it) =>
    it.renderer('flaky', () => (++calls === 1 ? (render() as never) : receiver.url)),
  )
  const id = await requeuest.spawn('billing', { render: 'flaky' }, { timeout: 300 })
  expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 2 })
  const [first] = (await requeuest.find(id))!.attempts
  expect(first).toMatchObject({ outcome: 'unprepared', errorCode: 'render_failed', rendered: null })
  expect(first!.errorMessage).toContain(message)
})

test('a renderer of whose name this process has none leaves the request, its attempt unspent, to who has it', async () => {
  const receiver = await receiverOf()
  const without = await started({}, (it) => it.renderer('known', () => `${receiver.url}/known`))
  const missing = nextEvent<RequeuestError>(without, 'error')
  const again = vi.fn()
  const ids = await without.spawnMany('billing', [{ render: 'rare' }, { render: 'rare' }])
  expect(await missing).toMatchObject({ code: 'renderer_missing', message: expect.stringContaining('"rare"') })
  without.on('error', again)
  // It goes on with what it knows, and does not claim the others again.
  await without.spawnReturning('billing', { render: 'known' })
  await without.spawnReturning('billing', `${receiver.url}/plain`)
  const waiting = await database.prisma.httpRequest.findMany({ where: { id: { in: ids } } })
  expect(waiting.map(({ state, attemptCount }) => [state, attemptCount])).toEqual(Array(2).fill(['pending', 0]))

  const other = createRequeuest(connect(database.url)).renderer('rare', () => `${receiver.url}/rare`)
  await other.start({ channels: ['billing'] })
  for (const id of ids) expect(await other.waitFor(id)).toMatchObject({ attempts: 1 })
  expect(again).not.toHaveBeenCalled()
})

test('a renderer may come after the start', async () => {
  const receiver = await receiverOf()
  const requeuest = await started()
  const missing = nextEvent<RequeuestError>(requeuest, 'error')
  const id = await requeuest.spawn('billing', { render: 'late' })
  await missing
  requeuest.renderer('late', () => receiver.url)
  expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 1 })
})

test('a renderer sends no more to an origin than may go there, whoever else sends there', async () => {
  const steps = new EventTarget()
  const receiver = await receiverOf(async ({ url }) => {
    if (url !== '/last') await once(steps, 'go')
    return {}
  })
  const requeuest = createRequeuest(database.prisma)
  requeuest.renderer<string>('any', ({ args }) => receiver.url + args)
  await requeuest.start({ channels: ['billing'], concurrency: 4, concurrencyPerOrigin: 2 })
  const plain = await requeuest.spawnMany('billing', [`${receiver.url}/1`, `${receiver.url}/2`])
  await receiver.waitForRequests(2)
  const id = await requeuest.spawn('billing', { render: 'any', args: '/last' })
  // It is claimed, made, and given back with its attempt unspent: two are under way there already.
  await vi.waitFor(async () => {
    const { runAt, createdAt } = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
    expect(runAt.getTime()).toBeGreaterThan(createdAt.getTime() + 500)
  }, 5000)
  expect(receiver.requests).toHaveLength(2)
  steps.dispatchEvent(new Event('go'))
  for (const each of plain) await requeuest.waitFor(each)
  expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 1 })
})

test('a renderer is refused when it could not be called', () => {
  const requeuest = createRequeuest(database.prisma).renderer('once', () => 'https://example.com')
  const refused: [unknown[], string, string][] = [
    [['Invoice', () => ''], 'name', 'lower-case letters'],
    [['', () => ''], 'name', 'got ""'],
    [['a/b', () => ''], 'name', 'lower-case letters'],
    [['once', () => ''], 'name', 'has no renderer yet'],
    [['other', 'https://example.com'], 'render', 'a function'],
  ]
  for (const [args, field, message] of refused) {
    const work = () => requeuest.renderer(...(args as [string, never]))
    expect(work).toThrow(
      expect.objectContaining({ code: 'invalid_input', field, message: expect.stringContaining(message) }),
    )
  }
})

test.each<[string, unknown, string, string]>([
  ['a name in upper case', { render: 'Invoice' }, 'request.render', 'lower-case letters'],
  ['no name', { render: undefined }, 'request.render', 'got nothing'],
  ['a URL beside it', { render: 'invoice', url: 'https://example.com' }, 'request.url', 'omitted'],
  [
    'arguments that JSON cannot express',
    { render: 'invoice', args: 5n },
    'request.args',
    'a value that JSON can express',
  ],
  [
    'arguments that are a function',
    { render: 'invoice', args: () => 5 },
    'request.args',
    'a value that JSON can express',
  ],
  ['arguments that are too large', { render: 'invoice', args: 'x'.repeat(99) }, 'request.args', 'at most 50 bytes'],
  ['the URL of a renderer', 'render://invoice', 'request.url', 'an absolute http or https URL'],
])('a spawn is refused: %s', async (_, request, field, message) => {
  const spawned = createRequeuest(database.prisma, { maxBodyBytes: 50 }).spawn('billing', request as never)
  await expect(spawned).rejects.toMatchObject({
    code: 'invalid_input',
    field,
    message: expect.stringContaining(message),
  })
  expect(await database.prisma.httpRequest.count()).toBe(0)
})

test('arguments that are no JSON, in a row written by hand, end the attempt as unprepared', async () => {
  const requeuest = await started({}, (it) => it.renderer('invoice', () => 'http://127.0.0.1'))
  const attempt = nextEvent<AttemptEvent>(requeuest, 'attempt')
  const data = { channel: 'billing', url: 'render://invoice', body: Buffer.from('{'), maxAttempts: 1 }
  await database.prisma.httpRequest.create({ data })
  expect(await attempt).toMatchObject({ outcome: 'unprepared', errorCode: 'render_failed' })
})
