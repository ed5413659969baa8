import { Resolver } from 'node:dns'
import { expect, test } from 'vitest'
import type { Resolve } from '../../../src/net/guard/lookup.ts'
import { resolveNetworkRules } from '../../../src/net/guard/rules.ts'
import { startDns } from '../../support/dns.ts'
import { type Receiver, startRawReceiver, startReceiver } from '../../support/receiver.ts'
import type { PlainSender } from '../../support/sender.ts'
import { testSender } from '../../support/test-sender.ts'

/** Asks this name server and no other, and remembers nothing. */
function resolverOf(server: string): Resolve {
  const resolver = new Resolver()
  resolver.setServers([server])
  return (host, callback) => {
    resolver.resolve4(host, (error, addresses = []) => {
      callback(
        error,
        addresses.map((address) => ({ address, family: 4 })),
      )
    })
  }
}

function deliver(sender: PlainSender, url: string, maxRedirects = 0) {
  const request = {
    id: 'id',
    channel: 'a',
    method: 'POST',
    url,
    headers: [],
    body: Buffer.from('secret'),
    maxRedirects,
  }
  return sender.deliver({ ...request, timeoutMs: 5000 })
}

/** May reach 127.0.0.1, which stands for the internet. 127.0.0.2 stands for what is inside. */
function guarded(dns: string): PlainSender {
  const rules = resolveNetworkRules({ allow: ['127.0.0.1'] }, () => [])
  const sender = testSender({ rules, resolve: resolverOf(dns) })
  return sender
}

const startInside = (port = 0) => startRawReceiver(undefined, undefined, { host: '127.0.0.2', port })
const closing = () => ({ headers: { connection: 'close' } })

test('a name that changes its address never leads inside: not a connection, not a byte', async () => {
  await using outside: Receiver = await startReceiver(closing)
  await using inside = await startInside(outside.port)
  await using dns = await startDns((_, index) => [index % 2 === 0 ? '127.0.0.1' : '127.0.0.2'])
  const sender = guarded(dns.address)
  const url = `http://rebinding.test:${outside.port}/`
  const outcomes: string[] = []
  for (let count = 0; count < 20; count++) outcomes.push((await deliver(sender, url)).outcome)
  expect(outcomes).toEqual(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'response' : 'blocked')))
  // Asked once for each connection: there is no second answer between the check and the use.
  expect(dns.questions).toHaveLength(20)
  expect(inside.connections).toBe(0)
  expect(inside.received).toBe('')
})

test('one address inside among others spoils the name', async () => {
  await using outside: Receiver = await startReceiver(closing)
  await using inside = await startInside(outside.port)
  await using dns = await startDns(() => ['127.0.0.1', '127.0.0.2'])
  expect(await deliver(guarded(dns.address), `http://mixed.test:${outside.port}/`)).toMatchObject({
    outcome: 'blocked',
  })
  expect(outside.connections).toBe(0)
  expect(inside.connections).toBe(0)
})

test('a redirect to a name that leads inside ends there', async () => {
  await using inside = await startInside()
  await using outside: Receiver = await startReceiver(() => ({
    status: 307,
    headers: { location: `http://inside.test:${inside.port}/` },
  }))
  await using dns = await startDns((name) => [name === 'inside.test' ? '127.0.0.2' : '127.0.0.1'])
  const found = await deliver(guarded(dns.address), `http://outside.test:${outside.port}/`, 5)
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'redirect_error', status: 307 })
  expect(dns.questions).toEqual(['outside.test', 'inside.test'])
  expect(inside.connections).toBe(0)
})
