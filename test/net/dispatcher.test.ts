import type { LookupAddress } from 'node:dns'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect, it, test, vi } from 'vitest'
import type { DispatcherOptions } from '../../src/net/dispatcher.ts'
import { type Resolve, vettedLookup } from '../../src/net/guard/lookup.ts'
import { type NetworkRules, resolveNetworkRules } from '../../src/net/guard/rules.ts'
import { resolveTransports } from '../../src/net/transport.ts'
import { cert, key } from '../support/certificate.ts'
import { startRawReceiver, startReceiver } from '../support/receiver.ts'
import { plainGet } from '../support/sender.ts'
import { testSender } from '../support/test-sender.ts'

/** A resolver that knows these names, and counts how often it was asked. */
function resolver(names: Record<string, string[]>) {
  return vi.fn<Resolve>((host, callback) => {
    const addresses = names[host]?.map((address): LookupAddress => ({ address, family: address.includes(':') ? 6 : 4 }))
    setImmediate(() =>
      callback(addresses ? null : Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), addresses ?? []),
    )
  })
}

async function get(options: DispatcherOptions, url: string) {
  const sender = testSender(options)
  return sender.deliver(plainGet(url))
}

// Every port, so that only the address can be what is refused.
const allowing = (...allow: string[]) => resolveNetworkRules({ allow }, () => [])

const forms = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '１２７.０.０.１',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  '%31%32%37.0.0.1',
]
test.each(forms)('the address guard, a literal address: %s is this machine', async (form) => {
  await using receiver = await startRawReceiver()
  const resolve = resolver({})
  const refused = await get({ rules: resolveNetworkRules(), resolve }, `http://${form}:${receiver.port}/`)
  expect(refused).toMatchObject({ outcome: 'blocked', errorCode: 'address_blocked', remoteAddress: null })
  expect(refused.errorMessage).toMatch(/^127\.0\.0\.1 is refused: loopback address/)
  expect(receiver.connections).toBe(0)
  expect(resolve).not.toHaveBeenCalled()
})

test.each(forms)('the address guard, a literal address: %s is reached when that is allowed', async (form) => {
  await using receiver = await startReceiver()
  const found = await get({ rules: allowing('127.0.0.1') }, `http://${form}:${receiver.port}/`)
  expect(found).toMatchObject({ outcome: 'response', remoteAddress: '127.0.0.1' })
})

test.each([
  '[::1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[::]',
  '0.0.0.0',
  '0',
])('the address guard, a literal address: %s is refused', async (form) => {
  await using receiver = await startRawReceiver()
  const found = await get({ rules: resolveNetworkRules() }, `http://${form}:${receiver.port}/`)
  expect(found.outcome).toBe('blocked')
  expect(found.errorMessage).toMatch(/(loopback|embedded_ipv4|unspecified) address/)
  expect(receiver.connections).toBe(0)
})

test.each(['127.0.0.1..', '127.1..', '2130706433..', '0x7f.1...'])(
  'the address guard, a literal address: %s is one, however many dots end it',
  async (form) => {
    const resolve = resolver({ [form]: ['93.184.215.14'] })
    const found = await get({ rules: resolveNetworkRules(), resolve }, `http://${form}/`)
    expect(found).toMatchObject({ outcome: 'blocked' })
    expect(found.errorMessage).toContain('(127.0.0.1) is refused: loopback address')
    expect(resolve).not.toHaveBeenCalled()
  },
)

it('the address guard, a literal address: needs a zone to be left out', async () => {
  const found = await get({ rules: resolveNetworkRules() }, 'http://[fe80::1%25lo]/')
  expect(found.outcome).toBe('invalid')
})

test.each(['localhost', 'LOCALHOST', 'local\u00adhost', 'ｌocalhost'])(
  'the address guard, a name: %s is refused by the address it leads to',
  async (name) => {
    await using receiver = await startRawReceiver()
    const found = await get({ rules: resolveNetworkRules() }, `http://${name}:${receiver.port}/`)
    expect(found).toMatchObject({ outcome: 'blocked', errorCode: 'address_blocked' })
    expect(found.errorMessage).toMatch(/^localhost \((127\.0\.0\.1|::1)\) is refused: loopback address/)
    expect(receiver.connections).toBe(0)
  },
)

it('the address guard, a name: refuses a name that looks public', async () => {
  await using receiver = await startRawReceiver()
  const resolve = resolver({ 'public.test': ['127.0.0.1'] })
  const found = await get({ rules: resolveNetworkRules(), resolve }, `http://public.test:${receiver.port}/`)
  expect(found.errorMessage).toMatch(/^public\.test \(127\.0\.0\.1\) is refused: loopback address/)
  expect(receiver.connections).toBe(0)
})

it.each([
  [['127.0.0.1', '10.0.0.1']],
  [['10.0.0.1', '127.0.0.1']],
  [['127.0.0.1', '::ffff:10.0.0.1']],
  [['127.0.0.1', 'nonsense']],
])('the address guard, a name: refuses a name when only one of its addresses is bad: %j', async (addresses) => {
  await using receiver = await startRawReceiver()
  const resolve = resolver({ 'mixed.test': addresses })
  const found = await get({ rules: allowing('127.0.0.1'), resolve }, `http://mixed.test:${receiver.port}/`)
  expect(found.outcome).toBe('blocked')
  expect(receiver.connections).toBe(0)
})

it('the address guard, a name: asks once and connects to what it was told then', async () => {
  await using receiver = await startReceiver(() => ({ headers: { connection: 'close' } }))
  let answer = '127.0.0.1'
  const resolve = vi.fn<Resolve>((_host, callback) => {
    callback(null, [{ address: answer, family: 4 }])
    answer = '127.0.0.2'
  })
  const rules = allowing('127.0.0.1')
  const sender = testSender({ rules, resolve })
  const request = { id: 'id', channel: 'a', method: 'GET', headers: [], body: null, timeoutMs: 5000, maxRedirects: 0 }
  const url = `http://rebinding.test:${receiver.port}/`
  expect(await sender.deliver({ ...request, url })).toMatchObject({ outcome: 'response', remoteAddress: '127.0.0.1' })
  expect(resolve).toHaveBeenCalledTimes(1)
  expect(await sender.deliver({ ...request, url })).toMatchObject({ outcome: 'blocked' })
  expect(receiver.connections).toBe(1)
})

it('the address guard, a name: trusts a name that is allowed, wherever it leads', async () => {
  await using receiver = await startReceiver()
  const resolve = resolver({ 'billing.internal': ['127.0.0.1'] })
  const url = `http://billing.internal:${receiver.port}/`
  expect(await get({ rules: allowing('billing.internal'), resolve }, url)).toMatchObject({ status: 200 })
  expect(receiver.requests[0]?.headers.host).toBe(`billing.internal:${receiver.port}`)
})

it.each(['evil.test', 'evil.test.', 'evil.test..', 'EVIL.test...'])(
  'the address guard, a name: does not look up a name that is denied, also as %s',
  async (name) => {
    const resolve = resolver({})
    const rules = resolveNetworkRules({ deny: ['evil.test'], allow: ['evil.test'] })
    expect((await get({ rules, resolve }, `http://${name}/`)).outcome).toBe('blocked')
    expect(resolve).not.toHaveBeenCalled()
  },
)

it('the address guard, a name: reports a name without addresses', async () => {
  const resolve = resolver({ 'empty.test': [] })
  for (const name of ['empty.test', 'unknown.test']) {
    expect(await get({ rules: allowing(), resolve }, `http://${name}/`)).toMatchObject({ errorCode: 'dns_error' })
  }
})

/** Allows what is looked up, and then has second thoughts. */
function forgetful(): NetworkRules {
  let asked = 0
  return {
    refuseHost: () => null,
    refuseUnresolved: () => null,
    refuseAddress: () => (asked++ === 0 ? null : 'second thoughts'),
  }
}

test.each(['127.0.0.1', 'name.test'])(
  'the address guard, the connected address is checked before a byte of HTTP leaves for %s',
  async (host) => {
    await using receiver = await startRawReceiver()
    const resolve = resolver({ 'name.test': ['127.0.0.1'] })
    const found = await get({ rules: forgetful(), resolve }, `http://${host}:${receiver.port}/`)
    expect(found).toMatchObject({ outcome: 'blocked', remoteAddress: null })
    expect(found.errorMessage).toMatch(/second thoughts/)
    await receiver.waitForConnections(1)
    expect(receiver.received).toBe('')
  },
)

it('lookups answers in the form that the socket asks for', async () => {
  const lookup = vettedLookup(resolver({ 'a.test': ['127.0.0.1', '::1'] }), () => null)
  const ask = (all: boolean) => new Promise((done) => lookup('a.test', { all }, (...answer) => done(answer)))
  expect(await ask(false)).toEqual([null, '127.0.0.1', 4])
  expect(await ask(true)).toEqual([
    null,
    [
      { address: '127.0.0.1', family: 4 },
      { address: '::1', family: 6 },
    ],
  ])
})

async function over(host: string, ca?: string) {
  const server = createServer({ key, cert }, (_request, response) => response.end('secret'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const resolve = resolver({ 'receiver.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] })
  const transport = resolveTransports(ca === undefined ? {} : { tls: { ca } }).of('a')
  const found = await get({ rules: allowing('127.0.0.1'), resolve, transport }, `https://${host}:${port}/`)
  server.closeAllConnections()
  server.close()
  return found
}

it('TLS is verified', async () => {
  expect(await over('receiver.test', cert)).toMatchObject({ outcome: 'response', status: 200 })
  expect(await over('receiver.test')).toMatchObject({ outcome: 'network_error', errorCode: 'tls_error' })
  expect(await over('other.test', cert)).toMatchObject({ outcome: 'network_error', errorCode: 'tls_error' })
  expect(await over('127.0.0.1', cert)).toMatchObject({ outcome: 'network_error', errorCode: 'tls_error' })
})

it('TLS is verified whatever the environment says', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
  try {
    expect(await over('receiver.test')).toMatchObject({ errorCode: 'tls_error' })
  } finally {
    vi.unstubAllEnvs()
  }
})

it('TLS is not spoken by an HTTP receiver', async () => {
  await using receiver = await startReceiver()
  const found = await get({ rules: allowing('127.0.0.1') }, `https://127.0.0.1:${receiver.port}/`)
  expect(found).toMatchObject({ errorCode: 'tls_error' })
})

it('takes no proxy from the environment', async () => {
  await using proxy = await startRawReceiver()
  await using receiver = await startReceiver()
  for (const name of ['HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'NODE_USE_ENV_PROXY']) vi.stubEnv(name, proxy.url)
  try {
    expect(await get({ rules: allowing('127.0.0.1') }, receiver.url)).toMatchObject({ status: 200 })
    expect(proxy.connections).toBe(0)
  } finally {
    vi.unstubAllEnvs()
  }
})
