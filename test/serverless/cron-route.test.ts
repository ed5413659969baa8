import { expect, test } from 'vitest'
import type { Drains } from '../../src/serverless/index.ts'
import { cronRoute } from '../../src/serverless/index.ts'
import { wrapClient } from '../faults/wrapped-client.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()
const secret = 'correct horse'
const authorized = { headers: { authorization: `Bearer ${secret}` } }
const request = (init?: RequestInit) => new Request('https://example.com/api/cron', init)

test.each(['GET', 'POST'])('a %s with the secret drains, and answers with what that did', async (method) => {
  const receiver = await receiverOf()
  const requeuest = createRequeuest(database.prisma)
  await requeuest.spawn('a', receiver.url, { timeout: '2s' })
  const route = cronRoute(requeuest, { secret, channels: ['a'], budget: '10s' })
  const response = await route(request({ ...authorized, method }))
  expect(response.status).toBe(200)
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toEqual({
    ...{ attempts: 1, delivered: 1, failed: 0, retrying: 0 },
    nextDueInMs: null,
    stopped: 'idle',
  })
  expect(receiver.requests).toHaveLength(1)
})

/** One that must not be asked. */
const untouchable: Drains = { drain: () => Promise.reject(new Error('asked')) }

test.each([
  ['no header', secret, undefined],
  ['a wrong secret', secret, 'Bearer correct horsf'],
  ['a longer secret', secret, `Bearer ${secret}!`],
  ['an empty one', secret, 'Bearer '],
  ['another scheme', secret, `Basic ${secret}`],
  ['the secret alone', secret, secret],
  ['any secret while none is set', undefined, 'Bearer undefined'],
  ['an empty one while an empty one is set', '', 'Bearer '],
])('a call with %s is refused with 401', async (_, set, authorization) => {
  const route = cronRoute(untouchable, { secret: set, channels: 'all', budget: '10s' })
  const response = await route(request(authorization === undefined ? {} : { headers: { authorization } }))
  expect(response.status).toBe(401)
  expect(response.headers.get('www-authenticate')).toBe('Bearer')
  expect(await response.json()).toEqual({ error: 'unauthorized' })
})

test.each(['PUT', 'DELETE', 'HEAD', 'OPTIONS'])('a %s is refused with 405, also with the secret', async (method) => {
  const route = cronRoute(untouchable, { secret, channels: 'all', budget: '10s' })
  const response = await route(request({ ...authorized, method }))
  expect(response.status).toBe(405)
  expect(response.headers.get('allow')).toBe('GET, POST')
})

test('a drain that fails is told with its code, without a secret', async () => {
  const client = wrapClient(database.prisma, ({ name, run }) => {
    if (name === 'describeSession') throw new Error('password=hunter2')
    return run()
  })
  const requeuest = createRequeuest(client as typeof database.prisma)
  const route = cronRoute(requeuest, { secret, channels: 'all', budget: '10s' })
  const response = await route(request(authorized))
  expect(response.status).toBe(500)
  const text = await response.text()
  expect(JSON.parse(text)).toMatchObject({ error: 'database_error' })
  expect(text).not.toContain('correct horse')
})

test('an error of something else is told without its message', async () => {
  const route = cronRoute(untouchable, { secret, channels: 'all', budget: '10s' })
  expect(await (await route(request(authorized))).json()).toEqual({
    error: 'internal_error',
    message: 'The drain failed.',
  })
})

test.each([
  [{ channels: 'all', budget: '10s', secret: 7 }, /options\.secret/],
  [{ channels: 'all', budget: '10s', secret: `${secret}\n` }, /options\.secret/],
  [{ channels: 'all', budget: '10s', secret: ` ${secret}` }, /options\.secret/],
  [{ channels: 'all', budget: '10s', secret: `${secret}\u{1f511}` }, /options\.secret/],
  [{ channels: 'all', secret }, /options\.budget/],
  [{ budget: '10s', secret }, /options\.channels/],
  [{ channels: 'all', budget: '10s', secret, signal: AbortSignal.abort() }, /options\.signal/],
])('cronRoute refuses %j', (options, message) => {
  expect(() => cronRoute(untouchable, options as never)).toThrow(message)
  expect(() => cronRoute(untouchable, options as never)).not.toThrow(/correct|7/)
})
