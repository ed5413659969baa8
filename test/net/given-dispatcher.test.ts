import { Agent, MockAgent, MockPool } from 'undici'
import { describe, expect, test } from 'vitest'
import type { DispatcherLike } from '../../src/index.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'

const database = useDatabase()

async function deliver(dispatcher: DispatcherLike, url: string, allow: string[] = []) {
  const requeuest = createRequeuest(database.prisma, { dispatcher, network: { allow }, retry: { maxAttempts: 1 } })
  const id = await requeuest.spawn('a', { method: 'POST', url, json: { cents: 9900 } }, { timeout: '2s' })
  await requeuest.drain({ channels: ['a'] })
  const found = await requeuest.find(id)
  return { state: found?.state, ...found?.attempts[0] }
}

function mockAgent(): MockAgent {
  const agent = new MockAgent()
  agent.disableNetConnect()
  return agent
}

test('a MockAgent answers in place of the receiver, and nothing leaves', async () => {
  const agent = mockAgent()
  const seen: unknown[] = []
  agent
    .get('https://billing.example.com')
    .intercept({ path: '/invoices?a=1', method: 'POST', headers: { 'content-type': 'application/json' } })
    .reply(({ body }) => {
      seen.push(Buffer.from(body as unknown as Uint8Array).toString())
      return {
        statusCode: 201,
        data: 'made',
        responseOptions: { headers: { 'x-id': '17', 'set-cookie': ['a=1', 'b=2'] } },
      }
    })
  const attempt = await deliver(agent, 'https://billing.example.com/invoices?a=1')
  expect(attempt).toMatchObject({ state: 'delivered', outcome: 'accepted', status: 201, remoteAddress: null })
  expect(attempt.headers).toContainEqual(['x-id', '17'])
  expect(Buffer.from(attempt.body ?? '').toString()).toBe('made')
  expect(seen).toEqual(['{"cents":9900}'])
})

test('a mock pool that only knows the older handlers answers as well', async () => {
  const pool = new MockPool('https://billing.example.com', { agent: mockAgent() })
  pool.intercept({ path: '/', method: 'POST' }).reply(200, 'made')
  expect(await deliver(pool, 'https://billing.example.com/')).toMatchObject({ state: 'delivered', status: 200 })
})

test('what a mock refuses or replies with an error is a failed attempt', async () => {
  const agent = mockAgent()
  const error = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  agent.get('https://a.example.com').intercept({ path: '/', method: 'POST' }).replyWithError(error)
  expect(await deliver(agent, 'https://a.example.com/')).toMatchObject({ errorCode: 'connection_refused' })
  expect(await deliver(agent, 'https://b.example.com/')).toMatchObject({ errorCode: 'network_error', state: 'failed' })
})

test('the timeout of a request holds with any dispatcher', async () => {
  const silent: DispatcherLike = { dispatch: () => true }
  expect(await deliver(silent, 'https://a.example.com/')).toMatchObject({ outcome: 'timeout' })
})

test("the user's own agent sends, and stays open", async () => {
  const receiver = await receiverOf()
  const agent = new Agent()
  for (const path of ['/1', '/2']) {
    expect(await deliver(agent, receiver.url + path, ['127.0.0.1'])).toMatchObject({ state: 'delivered', status: 200 })
  }
  await agent.close()
  expect(receiver.requests).toHaveLength(2)
})

describe('network rules that the URL can tell hold with any dispatcher', () => {
  const asked: DispatcherLike = {
    dispatch() {
      throw new Error('asked')
    },
  }

  test.each(['http://127.0.0.1/', 'http://[::1]/', 'http://localhost/', 'https://example.com:8443/'])(
    '%s is refused',
    async (url) => {
      expect(await deliver(asked, url)).toMatchObject({ outcome: 'blocked', errorCode: 'address_blocked' })
    },
  )
})

test.each([null, 'MockAgent', {}, { dispatch: true }])('%j is no dispatcher', (dispatcher) => {
  expect(() => createRequeuest(database.prisma, { dispatcher: dispatcher as never })).toThrow(/options\.dispatcher/)
})
