import { EventEmitter, once } from 'node:events'
import { expect, test, vi } from 'vitest'
import {
  type AttemptEvent,
  type BearerOptions,
  bearer,
  type ClientCredentialsOptions,
  http,
  InvalidInputError,
  oauth2ClientCredentials,
  type Requeuest,
  type RequeuestOptions,
} from '../../src/index.ts'
import { nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import type { Answer, ReceivedRequest, Receiver } from '../support/receiver.ts'

const database = useDatabase()

async function started(prepare: (requeuest: Requeuest) => unknown, options: RequeuestOptions = {}) {
  const requeuest = createRequeuest(database.prisma, options)
  prepare(requeuest)
  await requeuest.start({ channels: ['crm'] })
  return requeuest
}

const sentTokens = (receiver: Receiver) => receiver.requests.map(({ headers }) => headers.authorization)

/** A receiver that accepts one token at a time. */
function accepting(valid: { token: string }) {
  return receiverOf(({ headers }) => ({ status: headers.authorization === `Bearer ${valid.token}` ? 200 : 401 }))
}

/** Tokens with running numbers. */
function counted() {
  const counter = { asked: 0, token: () => `t${++counter.asked}` }
  return counter
}

test('bearer() sends what is spawned as arguments with its token, and keeps the token', async () => {
  const receiver = await receiverOf()
  const tokens = counted()
  const requeuest = await started((it) => it.renderer('crm', bearer({ origins: receiver.url, token: tokens.token })))
  const args = {
    method: 'PUT',
    url: `${receiver.url}/a`,
    headers: { Authorization: 'mine', 'x-a': '1' },
    json: { b: 2 },
  }
  for (let count = 0; count < 2; count++) await requeuest.spawnReturning('crm', { render: 'crm', args })
  expect(receiver.requests[0]).toMatchObject({ method: 'PUT', url: '/a', headers: { 'x-a': '1' } })
  expect(String(receiver.requests[0]!.body)).toBe('{"b":2}')
  expect(sentTokens(receiver)).toEqual(['Bearer t1', 'Bearer t1'])
  expect(tokens.asked).toBe(1)
})

test('bearer() sends what a renderer makes', async () => {
  const receiver = await receiverOf()
  const requeuest = await started((it) =>
    it.renderer<number>(
      'crm',
      bearer({ origins: [receiver.url], token: async () => 'abc' }, ({ args }) => http.post(`${receiver.url}/${args}`)),
    ),
  )
  await requeuest.spawnReturning('crm', { render: 'crm', args: 5 })
  expect(receiver.requests).toMatchObject([{ url: '/5', headers: { authorization: 'Bearer abc' } }])
})

test('bearer() gets a new token after a 401, and retries at once, whatever the policy says of a 401', async () => {
  const valid = { token: 't1' }
  const receiver = await accepting(valid)
  const requeuest = await started(
    (it) => it.renderer('crm', bearer({ origins: receiver.url, token: counted().token })),
    {
      preset: 'api',
      retry: { backoff: { base: 60_000, jitter: 'none' } },
    },
  )
  const request = { render: 'crm', args: { url: receiver.url } }
  await requeuest.spawnReturning('crm', request)
  valid.token = 't2'
  const id = await requeuest.spawn('crm', request)
  expect(await requeuest.waitFor(id)).toMatchObject({ attempts: 2 })
  expect(sentTokens(receiver)).toEqual(['Bearer t1', 'Bearer t1', 'Bearer t2'])
  const { attempts } = (await requeuest.find(id))!
  expect(attempts.map(({ outcome, status }) => [outcome, status])).toEqual([
    ['rejected', 401],
    ['accepted', 200],
  ])
  expect(attempts[0]!.rendered?.headers).toEqual([['authorization', '(hidden)']])
})

test('bearer() leaves it to the policy when a new token does not help', async () => {
  const receiver = await accepting({ token: 'none' })
  const tokens = counted()
  const requeuest = await started((it) => it.renderer('crm', bearer({ origins: receiver.url, token: tokens.token })))
  const failed = nextEvent(requeuest, 'failed')
  await requeuest.spawn('crm', { render: 'crm', args: { url: receiver.url } }, { retry: { onStatus: { 401: 'fail' } } })
  expect(await failed).toMatchObject({ failureCode: 'rejected', attempts: 2 })
  expect(sentTokens(receiver)).toEqual(['Bearer t1', 'Bearer t2'])
})

test('bearer() does not retry at once when that would be one attempt too many, or when a 401 is accepted', async () => {
  const receiver = await accepting({ token: 'none' })
  const requeuest = await started((it) => it.renderer('crm', bearer({ origins: receiver.url, token: counted().token })))
  const request = { render: 'crm', args: { url: receiver.url } }
  const failed = nextEvent(requeuest, 'failed')
  await requeuest.spawn('crm', request, { retry: { maxAttempts: 1 } })
  expect(await failed).toMatchObject({ failureCode: 'attempts_exhausted', attempts: 1 })
  expect(await requeuest.spawnReturning('crm', request, { accept: [401] })).toMatchObject({
    status: 401,
    attempts: 1,
  })
})

test('bearer() asks for a token once, however many wait for it', async () => {
  const receiver = await receiverOf()
  let asked = 0
  const steps = new EventEmitter()
  const token = async () => {
    asked++
    await once(steps, 'give')
    return 'one'
  }
  const requeuest = await started((it) => it.renderer('crm', bearer({ origins: receiver.url, token })))
  const requests = Array.from({ length: 5 }, () => ({ render: 'crm', args: { url: receiver.url } }))
  const ids = await requeuest.spawnMany('crm', requests)
  await vi.waitFor(async () => {
    expect(await database.prisma.httpRequest.count({ where: { state: 'claimed' } })).toBe(5)
    expect(asked).toBe(1)
  }, 5000)
  steps.emit('give')
  for (const id of ids) await requeuest.waitFor(id)
  expect(sentTokens(receiver)).toEqual(Array(5).fill('Bearer one'))
  expect(asked).toBe(1)
})

const SECRET = 'hunter2secret'

test.each<[string, BearerOptions['token'], string]>([
  ['throws', () => Promise.reject(new RangeError(SECRET)), 'the function that gets the token threw RangeError'],
  ['gives nothing', () => '', 'no text of visible ASCII characters'],
  ['gives what would be a header of its own', () => `${SECRET}\r\nx: y`, 'no text of visible ASCII characters'],
  ['gives no text', () => ({ token: SECRET }) as never, 'no text of visible ASCII characters'],
])('a function that %s instead of a token ends the attempt as unprepared', async (_, token, message) => {
  const receiver = await receiverOf()
  const requeuest = await started((it) => it.renderer('crm', bearer({ origins: receiver.url, token })))
  const attempt = nextEvent<AttemptEvent>(requeuest, 'attempt')
  await requeuest.spawn('crm', { render: 'crm', args: { url: receiver.url } }, { retry: { maxAttempts: 1 } })
  const ended = await attempt
  expect(ended).toMatchObject({ outcome: 'unprepared', errorCode: 'auth_failed' })
  expect(ended.errorMessage).toContain(message)
  expect(ended.errorMessage).not.toContain(SECRET)
  expect(receiver.requests).toEqual([])
})

test('a token goes to the origins that may get it alone, not even by a redirect elsewhere', async () => {
  const elsewhere = await receiverOf()
  const receiver = await receiverOf(() => ({ status: 307, headers: { location: `${elsewhere.url}/redirected` } }))
  let asked = 0
  const token = () => String(++asked)
  const requeuest = await started((it) => it.renderer('crm', bearer({ origins: [receiver.url], token })))
  const attempt = nextEvent<AttemptEvent>(requeuest, 'attempt')
  await requeuest.spawn('crm', { render: 'crm', args: { url: elsewhere.url } }, { retry: { maxAttempts: 1 } })
  expect(await attempt).toMatchObject({
    errorCode: 'auth_failed',
    errorMessage: expect.stringContaining('not among the origins'),
  })
  expect(asked).toBe(0)
  await requeuest.spawnReturning('crm', { render: 'crm', args: { url: receiver.url } }, { maxRedirects: 1 })
  expect(elsewhere.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
    ['/redirected', undefined],
  ])
})

const json = (value: unknown, status = 200): Answer => ({ status, body: JSON.stringify(value) })

async function withEndpoint(
  answer: (request: ReceivedRequest, index: number) => Answer,
  receiver: Receiver,
  more: Partial<ClientCredentialsOptions> = {},
  options: RequeuestOptions = {},
) {
  const endpoint = await receiverOf(answer)
  const credentials = { origins: receiver.url, clientId: 'a b', clientSecret: `${SECRET}:ü` }
  const auth = oauth2ClientCredentials({ ...credentials, tokenUrl: `${endpoint.url}/token`, ...more })
  return { endpoint, requeuest: await started((it) => it.renderer('crm', auth), options) }
}

test('oauth2ClientCredentials() asks for a token as RFC 6749 says, and keeps it', async () => {
  const receiver = await receiverOf()
  const answer = (_: ReceivedRequest, index: number) =>
    json({ access_token: `o${index}`, token_type: 'Bearer', expires_in: 3600 })
  const { endpoint, requeuest } = await withEndpoint(answer, receiver, { scope: 'read write' })
  const request = { render: 'crm', args: { url: receiver.url } }
  for (let count = 0; count < 3; count++) await requeuest.spawnReturning('crm', request)
  expect(sentTokens(receiver)).toEqual(Array(3).fill('Bearer o0'))
  expect(endpoint.requests).toHaveLength(1)
  const [asked] = endpoint.requests
  expect(asked).toMatchObject({
    method: 'POST',
    url: '/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
  })
  expect(String(asked!.body)).toBe('grant_type=client_credentials&scope=read+write')
  const basic = Buffer.from(asked!.headers.authorization!.replace('Basic ', ''), 'base64')
  expect(String(basic)).toBe(`a+b:${SECRET}%3A%C3%BC`)
})

test('oauth2ClientCredentials() asks for another token before the one it has expires', async () => {
  const receiver = await receiverOf()
  const answer = (_: ReceivedRequest, index: number) =>
    json({ access_token: `o${index}`, token_type: 'bearer', expires_in: 1 })
  const { endpoint, requeuest } = await withEndpoint(answer, receiver)
  const request = { render: 'crm', args: { url: receiver.url } }
  await requeuest.spawnReturning('crm', request)
  // Half of a short life is for using it.
  await requeuest.spawnReturning('crm', request, { delay: 600 })
  expect(sentTokens(receiver)).toEqual(['Bearer o0', 'Bearer o1'])
  expect(endpoint.requests).toHaveLength(2)
})

test.each([null, '', 'soon', -1, { toString: 1 }, '9'.repeat(400)])(
  'oauth2ClientCredentials() keeps a token of which it is not said how long it lasts: %j',
  async (expires_in) => {
    const receiver = await receiverOf()
    const answer = (_: ReceivedRequest, index: number) =>
      json({ access_token: `o${index}`, token_type: 'bearer', expires_in })
    const { endpoint, requeuest } = await withEndpoint(answer, receiver)
    const request = { render: 'crm', args: { url: receiver.url } }
    for (let count = 0; count < 2; count++) await requeuest.spawnReturning('crm', request)
    expect(sentTokens(receiver)).toEqual(['Bearer o0', 'Bearer o0'])
    expect(endpoint.requests).toHaveLength(1)
  },
)

test('oauth2ClientCredentials() asks for another token after a 401', async () => {
  const valid = { token: 'o0' }
  const receiver = await accepting(valid)
  const answer = (_: ReceivedRequest, index: number) => json({ access_token: `o${index}`, token_type: 'bearer' })
  const { requeuest } = await withEndpoint(answer, receiver)
  const request = { render: 'crm', args: { url: receiver.url } }
  await requeuest.spawnReturning('crm', request)
  valid.token = 'o1'
  expect(await requeuest.spawnReturning('crm', request)).toMatchObject({ attempts: 2 })
})

test.each<[string, Answer, string]>([
  ['refuses', json({ error: 'invalid_client', error_description: SECRET }, 401), 'answered 401 (invalid_client)'],
  ['refuses with a code that is none', json({ error: SECRET }, 400), 'answered 400'],
  ['is broken', { status: 500, body: SECRET }, 'answered 500'],
  ['gives no token', json({ token_type: 'bearer', secret: SECRET }), 'without an access token'],
  ['gives what is no JSON', { body: SECRET }, 'without an access token'],
  ['gives null', { body: 'null' }, 'without an access token'],
  [
    'gives a type that calls itself its text',
    json({ access_token: SECRET, token_type: { toString: 1 } }),
    'no bearer token',
  ],
  ['gives a token of another type', json({ access_token: SECRET, token_type: 'mac' }), 'no bearer token'],
  ['gives a token that is no header', json({ access_token: `${SECRET}\n`, token_type: 'bearer' }), 'visible ASCII'],
  ['redirects', { status: 307, headers: { location: 'http://127.0.0.1:1' } }, 'answered 307'],
  ['breaks off', { how: 'reset' }, 'cannot be reached'],
  ['floods', { body: 'x'.repeat(200_000) }, 'without an access token'],
])(
  'oauth2ClientCredentials() an endpoint that %s ends the attempt as unprepared, without secrets',
  async (_, answer, message) => {
    const receiver = await receiverOf()
    const { requeuest } = await withEndpoint(() => answer, receiver)
    const id = await requeuest.spawn(
      'crm',
      { render: 'crm', args: { url: receiver.url } },
      { retry: { maxAttempts: 1 } },
    )
    await nextEvent(requeuest, 'failed')
    const found = (await requeuest.find(id, { reveal: true }))!
    expect(found.attempts).toMatchObject([{ outcome: 'unprepared', errorCode: 'auth_failed', rendered: null }])
    expect(found.attempts[0]!.errorMessage).toContain(message)
    expect(JSON.stringify(found)).not.toContain(SECRET)
    expect(receiver.requests).toEqual([])
  },
)

test('oauth2ClientCredentials() is held to the network rules', async () => {
  const receiver = await receiverOf()
  const { requeuest } = await withEndpoint(() => ({}), receiver, { tokenUrl: 'http://127.0.0.2:1/token' })
  const attempt = nextEvent<AttemptEvent>(requeuest, 'attempt')
  await requeuest.spawn('crm', { render: 'crm', args: { url: receiver.url } }, { retry: { maxAttempts: 1 } })
  expect(await attempt).toMatchObject({
    errorCode: 'auth_failed',
    errorMessage: expect.stringContaining('127.0.0.2 is refused'),
  })
})

test('oauth2ClientCredentials() an endpoint that does not answer costs the request no more than its time', async () => {
  const receiver = await receiverOf()
  const { requeuest } = await withEndpoint(() => ({ how: 'hang' }), receiver)
  const attempt = nextEvent<AttemptEvent>(requeuest, 'attempt')
  await requeuest.spawn(
    'crm',
    { render: 'crm', args: { url: receiver.url } },
    { retry: { maxAttempts: 1 }, timeout: 200 },
  )
  const ended = await attempt
  expect(ended).toMatchObject({ outcome: 'unprepared', errorMessage: expect.stringContaining('within 200 ms') })
  expect(ended.durationMs).toBeLessThan(2000)
})

const origins = 'https://crm.example.com'
const credentials = { origins, tokenUrl: 'https://id.example.com/token', clientId: 'me', clientSecret: SECRET }
const token = () => SECRET

test.each<[string, () => unknown, string, string]>([
  ['nothing', () => bearer(undefined as never), 'options', 'an object'],
  ['no origin', () => bearer({ token } as never), 'options.origins', 'an origin or a list of them'],
  ['an empty list', () => bearer({ token, origins: [] }), 'options.origins', 'an origin or a list of them'],
  ['a host', () => bearer({ token, origins: 'crm.example.com' }), 'options.origins', 'an origin or a list of them'],
  ['a path', () => bearer({ token, origins: [origins, `${origins}/v1`] }), 'options.origins[1]', 'an origin or a list'],
  [
    'a token itself',
    () => bearer({ origins, token: SECRET as never }),
    'options.token',
    'a function that returns the token',
  ],
  [
    'an unknown option',
    () => bearer({ origins, token, tokn: SECRET } as never),
    'options.tokn',
    'did you mean `token`?',
  ],
  ['a request as renderer', () => bearer({ origins, token }, { url: SECRET } as never), 'render', 'a function'],
  [
    'no secret',
    () => oauth2ClientCredentials({ ...credentials, clientSecret: '' }),
    'options.clientSecret',
    'not empty',
  ],
  ['no id', () => oauth2ClientCredentials({ ...credentials, clientId: 5 as never }), 'options.clientId', 'a text'],
  [
    'no endpoint',
    () => oauth2ClientCredentials({ ...credentials, tokenUrl: `/${SECRET}` }),
    'options.tokenUrl',
    'absolute',
  ],
  [
    'a scope that is a list',
    () => oauth2ClientCredentials({ ...credentials, scope: ['a'] as never }),
    'options.scope',
    'a text',
  ],
])('is refused at once: %s', (_, work, field, message) => {
  let thrown: unknown
  try {
    work()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toBeInstanceOf(InvalidInputError)
  expect(thrown).toMatchObject({ field })
  expect((thrown as Error).message).toContain(message)
  expect((thrown as Error).message).not.toContain(SECRET)
})
