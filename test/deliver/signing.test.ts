import { Webhook } from 'standardwebhooks'
import { expect, test } from 'vitest'
import { http, InvalidInputError, Requeuest, type SigningOptions, type SigningRequest } from '../../src/index.ts'
import { nextEvent } from '../support/factory.ts'
import { createRequeuest, receiverOf, useDatabase } from '../support/fixture.ts'
import type { ReceivedRequest } from '../support/receiver.ts'

const database = useDatabase()
const key = (fill: number) => `whsec_${Buffer.alloc(32, fill).toString('base64')}`
const OLD = key(1)
const NEW = key(2)

async function startSigning(signing: SigningOptions, options = {}) {
  const requeuest = createRequeuest(database.prisma, { channels: { hooks: { signing } }, ...options })
  await requeuest.start({ channels: ['hooks', 'plain'] })
  return requeuest
}

/** As a receiver does it: by the package, from what arrived. */
function verify(received: ReceivedRequest | undefined, secret: string): unknown {
  return new Webhook(secret).verify(received!.body, received!.headers as Record<string, string>)
}

test('a request of a signed channel verifies at each attempt, with the id of the request and a time of its own', async () => {
  const receiver = await receiverOf((_, index) => (index === 0 ? { status: 503, headers: { 'retry-after': '1' } } : {}))
  const requeuest = await startSigning({ keys: NEW })
  const body = { type: 'invoice.paid', amount: '99 €' }
  const id = await requeuest.spawn('hooks', http.post(receiver.url, { json: body }), {
    retry: { backoff: { max: 1000 } },
  })
  await requeuest.waitFor(id)
  const [first, second] = receiver.requests
  expect(verify(first, NEW)).toEqual(body)
  expect(verify(second, NEW)).toEqual(body)
  expect([first, second].map((each) => each?.headers['webhook-id'])).toEqual([id, id])
  expect(Number(second?.headers['webhook-timestamp'])).toBeGreaterThan(Number(first?.headers['webhook-timestamp']))
  const row = await database.prisma.httpRequest.findUniqueOrThrow({ where: { id } })
  expect(row.headers).toEqual([['content-type', 'application/json']])
})

test('a request of a signed channel verifies with the old key and with the new one while both are given', async () => {
  const receiver = await receiverOf()
  const requeuest = await startSigning({ keys: [NEW, OLD] })
  await requeuest.spawnReturning('hooks', http.post(receiver.url, { json: {} }))
  expect(verify(receiver.requests[0], NEW)).toEqual({})
  expect(verify(receiver.requests[0], OLD)).toEqual({})
  expect(() => verify(receiver.requests[0], key(3))).toThrow('No matching signature')
})

test('a request of a signed channel is signed with the keys that a function chooses for it', async () => {
  const receiver = await receiverOf()
  const asked: SigningRequest[] = []
  const requeuest = await startSigning({
    keys: async (request) => {
      asked.push(request)
      return request.url.endsWith('/ada') ? OLD : [NEW]
    },
  })
  const id = await requeuest.spawn('hooks', http.put(`${receiver.url}/ada`, { json: 1, headers: { 'x-tenant': '7' } }))
  await requeuest.waitFor(id)
  await requeuest.spawnReturning('hooks', http.post(`${receiver.url}/bob`, { json: 2 }))
  expect(verify(receiver.requests[0], OLD)).toBe(1)
  expect(verify(receiver.requests[1], NEW)).toBe(2)
  const headers = [
    ['x-tenant', '7'],
    ['content-type', 'application/json'],
  ]
  expect(asked[0]).toEqual({ id, channel: 'hooks', method: 'PUT', url: `${receiver.url}/ada`, headers })
})

test('a request of a signed channel has no other signature, whatever a row written by hand says', async () => {
  const receiver = await receiverOf()
  const requeuest = await startSigning({ keys: NEW })
  const forged = [
    ['Webhook-Id', 'forged'],
    ['WEBHOOK-SIGNATURE', 'v1,forged'],
    ['x-other', 'stays'],
  ]
  const { id } = await database.prisma.httpRequest.create({
    data: { channel: 'hooks', method: 'POST', url: receiver.url, headers: forged, body: Buffer.from('5') },
  })
  await requeuest.waitFor(id)
  expect(verify(receiver.requests[0], NEW)).toBe(5)
  expect(receiver.requests[0]!.headers).toMatchObject({ 'webhook-id': id, 'x-other': 'stays' })
})

test('a request of a signed channel is signed anew for a redirect to the same origin, and not at all for one to another', async () => {
  const other = await receiverOf()
  const receiver = await receiverOf(({ url }) => {
    const location = url === '/first' ? '/second' : `${other.url}/third`
    return { status: url === '/first' ? 303 : 307, headers: { location } }
  })
  const requeuest = await startSigning({ keys: NEW })
  await requeuest.spawnReturning('hooks', http.post(`${receiver.url}/first`, { json: 1 }), { maxRedirects: 2 })
  const [first, second] = receiver.requests
  expect(verify(first, NEW)).toBe(1)
  expect(second?.body.length).toBe(0)
  expect(verify(second, NEW)).toBeUndefined()
  expect(Object.keys(other.requests[0]!.headers).filter((name) => name.startsWith('webhook-'))).toEqual([])
})

test('a channel without keys is not signed, and may be by its caller', async () => {
  const receiver = await receiverOf()
  const requeuest = await startSigning({ keys: NEW })
  await requeuest.spawnReturning('plain', http.post(receiver.url, { headers: { 'webhook-id': 'mine' } }))
  expect(receiver.requests[0]!.headers).toMatchObject({ 'webhook-id': 'mine' })
  expect(receiver.requests[0]!.headers).not.toHaveProperty('webhook-signature')
})

const SECRET = 'whsec_tooshort'

test.each<[string, SigningOptions['keys'], string]>([
  ['that throws', () => Promise.reject(new TypeError(SECRET)), 'the function that chooses the keys threw TypeError'],
  ['that throws what is no error', () => Promise.reject(SECRET), 'the function that chooses the keys threw no error'],
  ['that gives none', () => [], 'of the keys that were chosen, `keys` is not at least one key'],
  ['that gives one that is none', () => [NEW, SECRET], "of the keys that were chosen, `keys[1]` is not 'whsec_' and"],
  ['that takes too long', () => new Promise(() => {}), 'the keys to sign it with were not there in time'],
])('with a function %s nothing is sent, and the attempt is told without its keys', async (_, keys, message) => {
  const receiver = await receiverOf()
  const requeuest = await startSigning({ keys })
  const failed = nextEvent(requeuest, 'failed')
  const id = await requeuest.spawn('hooks', receiver.url, { retry: { maxAttempts: 2 }, timeout: 200 })
  expect(await failed).toMatchObject({ failureCode: 'attempts_exhausted' })
  const { attempts } = (await requeuest.find(id))!
  expect(attempts).toHaveLength(2)
  expect(attempts[0]).toMatchObject({ outcome: 'unprepared', errorCode: 'signing_failed', status: null })
  expect(attempts[0]!.errorMessage).toContain(message)
  expect(JSON.stringify(attempts)).not.toContain(SECRET)
  expect(receiver.requests).toEqual([])
})

test.each<[string, unknown, string, string]>([
  ['keys at the wrong place', 'whsec_', 'signing', 'an object'],
  ['nothing', {}, 'signing.keys', 'whsec_'],
  ['an unknown option', { keys: NEW, secret: NEW }, 'signing.secret', 'omitted'],
  ['no key', { keys: [] }, 'signing.keys', 'at least one key'],
  ['a key that is none', { keys: SECRET }, 'signing.keys', 'a text of 14 characters'],
  ['a second key that is none', { keys: [NEW, SECRET] }, 'signing.keys[1]', 'a text of 14 characters'],
])('signing is refused: %s', (_, signing, field, message) => {
  const refused = thrownBy(() => new Requeuest(database.prisma, { channels: { hooks: { signing } } } as never))
  expect(refused).toMatchObject({ code: 'invalid_input', field: `options.channels.hooks.${field}` })
  expect(refused.message).toContain(message)
  expect(refused.message).not.toContain(SECRET)
})

test('a signature of the caller is refused on a signed channel, and nothing is written', async () => {
  const requeuest = createRequeuest(database.prisma, { channels: { hooks: { signing: { keys: NEW } } } })
  const request = { url: 'https://example.com', headers: { accept: '*/*', 'Webhook-Timestamp': '5' } }
  await expect(requeuest.spawn('hooks', request)).rejects.toMatchObject({ field: 'request.headers[1]' })
  await expect(requeuest.spawnMany('hooks', ['https://example.com', request])).rejects.toMatchObject({
    field: 'requests[1].headers[1]',
  })
  expect(await database.prisma.httpRequest.count()).toBe(0)
  await requeuest.spawn('constructor', request)
})

function thrownBy(work: () => unknown): InvalidInputError {
  try {
    work()
  } catch (error) {
    if (error instanceof InvalidInputError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
