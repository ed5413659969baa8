import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { expect, it, test, vi } from 'vitest'
import type { DeliverableRequest } from '../../src/deliver/sender.ts'
import { InvalidInputError } from '../../src/errors.ts'
import type { Resolve } from '../../src/net/guard/lookup.ts'
import { resolveNetworkRules } from '../../src/net/guard/rules.ts'
import { resolveTransports } from '../../src/net/transport.ts'
import type { TransportOptions } from '../../src/options/instance.ts'
import { cert, key } from '../support/certificate.ts'
import { startProxy } from '../support/proxy.ts'
import { startRawReceiver, startReceiver } from '../support/receiver.ts'
import { plainGet } from '../support/sender.ts'
import { testSender } from '../support/test-sender.ts'

const toLoopback: Resolve = (_host, callback) => setImmediate(callback, null, [{ address: '127.0.0.1', family: 4 }])

async function get(
  options: TransportOptions,
  url: string,
  {
    allow = ['127.0.0.1'],
    resolve = toLoopback,
    ...more
  }: Partial<DeliverableRequest> & { allow?: string[]; resolve?: Resolve } = {},
) {
  const rules = resolveNetworkRules({ allow }, () => [])
  const sender = testSender({ rules, transport: resolveTransports(options).of('a'), resolve })
  return sender.deliver({ ...plainGet(url), ...more })
}

/** An https receiver that wants to see a certificate of its own authority, and says whose it saw. */
async function startSecureReceiver(): Promise<AsyncDisposable & { port: number }> {
  const server = createServer(
    { key, cert, ca: cert, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      const socket = request.socket as TLSSocket
      response.end(socket.authorized ? 'known' : 'unknown')
    },
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: stop }
}

const text = (bytes: Uint8Array | null) => String(bytes && Buffer.from(bytes))

it('tls trusts the given authority and shows the given certificate', async () => {
  await using receiver = await startSecureReceiver()
  const url = `https://receiver.test:${receiver.port}/`
  expect(await get({}, url)).toMatchObject({ errorCode: 'tls_error' })
  expect(text((await get({ tls: { ca: cert } }, url)).body)).toBe('unknown')
  expect(text((await get({ tls: { ca: [cert], cert, key: Buffer.from(key) } }, url)).body)).toBe('known')
})

it('tls verifies the name, whatever is trusted', async () => {
  await using receiver = await startSecureReceiver()
  const found = await get({ tls: { ca: cert, cert, key } }, `https://other.test:${receiver.port}/`)
  expect(found).toMatchObject({ errorCode: 'tls_error' })
})

test.each<[string, unknown, string]>([
  ['no object', 'hunter2', 'options.tls'],
  ['an unknown key', { rejectUnauthorized: false }, 'options.tls.rejectUnauthorized'],
  ['an authority that is no certificate', { ca: 'hunter2' }, 'options.tls.ca'],
  ['an empty list of authorities', { ca: [''] }, 'options.tls.ca'],
  ['a broken certificate in a bundle', { ca: `${cert}\n${cert.replace('MIIB', 'AAAA')}` }, 'options.tls.ca'],
  ['a key among the authorities', { ca: key }, 'options.tls.ca'],
  ['a certificate without its key', { cert }, 'options.tls'],
  ['a key without its certificate', { key }, 'options.tls'],
  ['a key that is none', { cert, key: 'hunter2' }, 'options.tls'],
  ['a certificate that is none', { cert: 'hunter2', key }, 'options.tls'],
])('tls refuses %s', (_, tls, field) => {
  const error = refusal(() => resolveTransports({ tls } as TransportOptions))
  expect(error).toMatchObject({ code: 'invalid_input', field })
  expect(error.message).not.toContain('hunter2')
  expect(error.message).not.toContain('PRIVATE KEY')
})

async function connectionsOf(options: TransportOptions): Promise<number> {
  await using receiver = await startReceiver()
  const rules = resolveNetworkRules({ allow: ['127.0.0.1'] })
  const sender = testSender({ rules, transport: resolveTransports(options).of('a'), connectionsPerOrigin: 1 })
  for (let count = 0; count < 3; count++) await sender.deliver(plainGet(receiver.url))
  expect(new Set(receiver.requests.map(({ headers }) => headers.connection))).toEqual(
    new Set([options.keepAlive === false ? 'close' : 'keep-alive']),
  )
  return receiver.connections
}

it('keepAlive lets requests share a connection', async () => {
  expect(await connectionsOf({})).toBe(1)
  expect(await connectionsOf({ keepAlive: true })).toBe(1)
})

it('keepAlive gives each request a connection of its own if it is off', async () => {
  expect(await connectionsOf({ keepAlive: false })).toBe(3)
})

it('keepAlive keeps a second answer from being taken for that to the next request', async () => {
  const answer = (status: number) => `HTTP/1.1 ${status} x\r\ncontent-length: 0\r\n\r\n`
  await using receiver = await startRawReceiver(undefined, (socket) => {
    // The second answer comes when the next request is there, if there is one.
    socket.once('data', () => {
      socket.write(answer(200))
      socket.once('data', () => socket.write(answer(500)))
    })
  })
  for (const keepAlive of [true, false]) {
    const rules = resolveNetworkRules({ allow: ['127.0.0.1'] })
    const transport = resolveTransports({ keepAlive }).of('a')
    const sender = testSender({ rules, transport, connectionsPerOrigin: 1 })
    await sender.deliver(plainGet(receiver.url))
    expect(await sender.deliver(plainGet(receiver.url))).toMatchObject({ status: keepAlive ? 500 : 200 })
  }
})

it('keepAlive is for a channel to choose, and true or false', () => {
  const transports = resolveTransports({ keepAlive: false }, { a: { keepAlive: true }, b: {} })
  expect([transports.of('a').keepAlive, transports.of('b').keepAlive]).toEqual([true, false])
  const error = refusal(() => resolveTransports({ keepAlive: 'no' } as never))
  expect(error).toMatchObject({ code: 'invalid_input', field: 'options.keepAlive' })
})

it('proxy is asked for a tunnel to the name, which it looks up itself', async () => {
  await using receiver = await startReceiver()
  await using proxy = await startProxy(receiver.port)
  const resolve = vi.fn<Resolve>()
  const headers: [string, string][] = [
    ['x-a', '1'],
    ['x-a', '2'],
  ]
  const found = await get({ proxy: proxy.url }, 'http://receiver.test/path', { resolve, headers })
  expect(found).toMatchObject({ outcome: 'response', status: 200 })
  expect(proxy.tunnels).toEqual([{ authority: 'receiver.test:80', authorization: undefined }])
  expect(resolve).not.toHaveBeenCalled()
  expect(receiver.requests[0]).toMatchObject({ url: '/path', headers: { host: 'receiver.test' } })
  expect(receiver.requests[0]!.rawHeaders.filter((_, index, all) => all[index - 1] === 'x-a')).toEqual(['1', '2'])
  expect(receiver.requests[0]!.headers).not.toHaveProperty('proxy-authorization')
})

it('proxy is told user and password, and one tunnel serves several requests', async () => {
  await using receiver = await startReceiver()
  await using proxy = await startProxy(receiver.port)
  const transport = resolveTransports({ proxy: new URL(proxy.url.replace('//', '//us%20er:pa%3Ass@')) }).of('a')
  const sender = testSender({ rules: resolveNetworkRules(), transport, connectionsPerOrigin: 1 })
  const request = { id: 'id', channel: 'a', method: 'GET', headers: [], body: null, timeoutMs: 5000, maxRedirects: 0 }
  for (let count = 0; count < 3; count++) await sender.deliver({ ...request, url: 'http://receiver.test/' })
  const authorization = `Basic ${Buffer.from('us er:pa:ss').toString('base64')}`
  expect(proxy.tunnels).toEqual([{ authority: 'receiver.test:80', authorization }])
  expect(receiver.requests).toHaveLength(3)
})

it('proxy carries TLS, which is verified end to end', async () => {
  await using receiver = await startSecureReceiver()
  await using proxy = await startProxy(receiver.port)
  const found = await get({ proxy: proxy.url, tls: { ca: cert, cert, key } }, 'https://receiver.test/')
  expect(text(found.body)).toBe('known')
  expect(await get({ proxy: proxy.url }, 'https://receiver.test/')).toMatchObject({ errorCode: 'tls_error' })
  const other = await get({ proxy: proxy.url, tls: { ca: cert } }, 'https://other.test/')
  expect(other).toMatchObject({ errorCode: 'tls_error' })
  expect(proxy.tunnels.map((tunnel) => tunnel.authority)).toEqual([
    'receiver.test:443',
    'receiver.test:443',
    'other.test:443',
  ])
})

test.each([
  ['http://localhost/', /localhost is refused: loopback/],
  ['http://sub.localhost./', /refused: loopback/],
  ['http://localhost../', /refused: loopback/],
  ['http://10.0.0.1../', /refused: private/],
  ['http://2130706433/', /127\.0\.0\.1 is refused: loopback/],
  ['http://[::1]/', /refused: loopback/],
  ['http://10.0.0.1/', /refused: private/],
  ['http://receiver.test:8080/', /refused: port 8080/],
])('proxy is not asked for %s', async (url, message) => {
  await using proxy = await startRawReceiver()
  const found = await get({ proxy: `http://127.0.0.1:${proxy.port}` }, url, { allow: [] })
  expect(found).toMatchObject({ outcome: 'blocked', errorCode: 'address_blocked' })
  expect(found.errorMessage).toMatch(message)
  expect(proxy.connections).toBe(0)
})

it('proxy is asked for what is allowed by name', async () => {
  await using receiver = await startReceiver()
  await using proxy = await startProxy(receiver.port)
  const found = await get({ proxy: proxy.url }, 'http://localhost:8080/', { allow: ['localhost:8080'] })
  expect(found).toMatchObject({ outcome: 'response' })
})

it('proxy guards every redirect', async () => {
  await using receiver = await startReceiver(() => ({ status: 302, headers: { location: 'http://127.0.0.1/' } }))
  await using proxy = await startProxy(receiver.port)
  const found = await get({ proxy: proxy.url }, 'http://receiver.test/', { allow: [], maxRedirects: 3 })
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'redirect_error' })
  expect(proxy.tunnels).toHaveLength(1)
})

it('proxy that refuses is what failed, and may be retried', async () => {
  await using proxy = await startProxy(1, 407)
  const found = await get({ proxy: proxy.url.replace('//', '//user:hunter2@') }, 'http://receiver.test/')
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'proxy_error', status: null })
  expect(found.errorMessage).toMatch(/^no tunnel through the proxy http:\/\/127\.0\.0\.1:\d+; it answered 407$/)
})

it('proxy that is not there is what failed', async () => {
  const found = await get({ proxy: 'http://127.0.0.1:1' }, 'http://receiver.test/')
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'proxy_error' })
  expect(found.errorMessage).toMatch(/ECONNREFUSED/)
})

it('proxy that says nothing costs no more than the deadline', async () => {
  await using proxy = await startRawReceiver()
  const found = await get({ proxy: `http://127.0.0.1:${proxy.port}` }, 'http://receiver.test/', { timeoutMs: 200 })
  expect(found).toMatchObject({ outcome: 'timeout' })
  expect(found.durationMs).toBeLessThan(1200)
})

test.each(['', 'proxy:3128', 'socks5://proxy', 'http://proxy/path', 'http://proxy/?x', 'http://%zz@proxy', 17, {}])(
  'proxy refuses %j',
  (proxy) => {
    expect(refusal(() => resolveTransports({ proxy } as TransportOptions))).toMatchObject({ field: 'options.proxy' })
  },
)

it('the transport options of a channel keep what they do not change', () => {
  const transports = resolveTransports(
    { proxy: 'http://one', tls: { ca: cert } },
    { direct: { proxy: null }, other: { proxy: 'http://two' }, bare: {} },
  )
  const common = transports.of('anything')
  expect(common.proxy).toEqual({ origin: 'http://one', authorization: null })
  expect(transports.of('direct')).toEqual({ ...common, proxy: null })
  expect(transports.of('other').proxy!.origin).toBe('http://two')
  expect(transports.of('bare')).toEqual(common)
  expect(transports.of('constructor')).toBe(common)
})

test.each([
  [{ billing: null }, 'options.channels.billing'],
  [{ billing: { ca: cert } }, 'options.channels.billing.ca'],
  [{ billing: { tls: { ca: '' } } }, 'options.channels.billing.tls.ca'],
  [{ billing: { proxy: 'x' } }, 'options.channels.billing.proxy'],
])('the transport options of a channel are checked: %j', (channels, field) => {
  expect(refusal(() => resolveTransports({}, channels as never))).toMatchObject({ code: 'invalid_input', field })
})

function refusal(work: () => unknown): InvalidInputError {
  try {
    work()
  } catch (error) {
    if (error instanceof InvalidInputError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
