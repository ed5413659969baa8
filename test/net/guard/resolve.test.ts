import { getDefaultResultOrder, type LookupAddress, lookup, Resolver, setDefaultResultOrder } from 'node:dns'
import { readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { HostsFile } from '../../../src/net/guard/hosts.ts'
import { askNameServers } from '../../../src/net/guard/name-servers.ts'
import { createResolve, type NameSources } from '../../../src/net/guard/resolve.ts'
import { resolveNetworkRules } from '../../../src/net/guard/rules.ts'
import { SystemLookup } from '../../../src/net/guard/system-lookup.ts'
import { type DnsServer, startDns } from '../../support/dns.ts'
import { startReceiver } from '../../support/receiver.ts'
import { plainGet, senderOf } from '../../support/sender.ts'

const coded = (code: string) => Object.assign(new Error(code), { code })
const v4 = (address: string): LookupAddress => ({ address, family: 4 })

/** Asks this server in place of the machine's. */
const serversOf = (dns: DnsServer) => (host: string) => {
  const resolver = new Resolver()
  resolver.setServers([dns.address])
  return askNameServers(host, resolver)
}

function find(host: string, sources: Partial<NameSources>): Promise<LookupAddress[]> {
  const nothing: NameSources = {
    hosts: { addresses: () => [] },
    nameServers: async () => null,
    system: { find: () => Promise.reject(coded('ENOTFOUND')) },
  }
  const resolve = createResolve({ ...nothing, ...sources })
  return new Promise((done, fail) => resolve(host, (error, found) => (error ? fail(error) : done(found))))
}

/** Answers for one name alone. */
const startHostileDns = () => startDns((name) => (name === 'good.test' ? ['127.0.0.1'] : undefined))

it('names whose servers never answer hold up neither a good name nor the threads of the application', async () => {
  await using dns = await startHostileDns()
  await using receiver = await startReceiver()
  const resolve = createResolve({ nameServers: serversOf(dns) })
  const sender = senderOf({ rules: resolveNetworkRules({ allow: ['127.0.0.1'] }), resolve })
  const url = (name: string) => `http://${name}:${receiver.port}/`
  const silent = Array.from({ length: 12 }, (_, index) => sender.deliver(plainGet(url(`silent${index}.test`))))
  const good = await sender.deliver(plainGet(url('good.test')))
  await Promise.all([readFile(import.meta.filename), promisify(lookup)('localhost')])
  expect(good).toMatchObject({ outcome: 'response', status: 200 })
  expect(good.durationMs).toBeLessThan(1000)
  expect(await Promise.race([...silent, 'under way'])).toBe('under way')
  await sender.close()
  await Promise.all(silent)
})

it('names whose servers never answer are given up before the connection is, and said to have no address', async () => {
  await using dns = await startHostileDns()
  const sender = senderOf({ rules: resolveNetworkRules(), resolve: createResolve({ nameServers: serversOf(dns) }) })
  const found = await sender.deliver({ ...plainGet('http://silent.test/'), timeoutMs: 20_000 })
  expect(found).toMatchObject({ outcome: 'network_error', errorCode: 'dns_error' })
  expect(found.errorMessage).toBe('no name server answered for silent.test')
  await sender.close()
}, 15_000)

it('names whose servers never answer are not asked for again by way of the system', async () => {
  const system = { find: vi.fn() }
  const nameServers = () => Promise.reject(coded('EAI_AGAIN'))
  await expect(find('silent.test', { nameServers, system })).rejects.toMatchObject({ code: 'EAI_AGAIN' })
  expect(system.find).not.toHaveBeenCalled()
})

it('the name servers are asked for both kinds of address, and one that never answers for IPv6 is not waited for', async () => {
  const resolver = {
    resolve4: (_host: string, done: (error: null, addresses: string[]) => void) => done(null, ['192.0.2.1']),
    resolve6: () => {},
    cancel: vi.fn(),
  } as unknown as Resolver
  expect(await askNameServers('a.test', resolver)).toEqual(['192.0.2.1'])
  expect(resolver.cancel).toHaveBeenCalled()
})

test.each([
  ['that it does not exist', null],
  ['that it has no address', []],
])('the name servers may say of a name %s', async (_what, answer) => {
  await using dns = await startDns(() => answer)
  expect(await serversOf(dns)('a.test')).toBeNull()
})

it('the name servers may be away, and then the system may know more', async () => {
  const resolver = new Resolver()
  resolver.setServers(['127.0.0.1:1'])
  expect(await askNameServers('a.test', resolver)).toBeNull()
})

describe('a name is found', () => {
  const nameServers = vi.fn<NameSources['nameServers']>()
  const system = { find: vi.fn<SystemLookup['find']>() }
  beforeEach(() => {
    nameServers.mockReset().mockResolvedValue(['192.0.2.2'])
    system.find.mockReset().mockResolvedValue([v4('192.0.2.3')])
  })

  it('in the hosts file before anywhere else', async () => {
    const hosts = { addresses: (name: string) => (name === 'a.test' ? ['192.0.2.1'] : []) }
    for (const host of ['a.test', 'A.TEST', 'a.test.']) {
      expect(await find(host, { hosts, nameServers, system })).toEqual([v4('192.0.2.1')])
    }
    expect(nameServers).not.toHaveBeenCalled()
  })

  it('by the name servers, and then the system is not asked', async () => {
    expect(await find('a.test', { nameServers, system })).toEqual([v4('192.0.2.2')])
    expect(system.find).not.toHaveBeenCalled()
  })

  it('by the system when the name servers do not know it', async () => {
    nameServers.mockResolvedValue(null)
    expect(await find('orders.shop', { nameServers, system })).toEqual([v4('192.0.2.3')])
  })

  test.each(['db', 'printer.local'])('by the system at once if it is %s', async (name) => {
    expect(await find(name, { nameServers, system })).toEqual([v4('192.0.2.3')])
    expect(nameServers).not.toHaveBeenCalled()
  })

  test.each(['localhost', 'app.localhost', 'localhost.', 'localhost..'])(
    'on this machine if it is %s',
    async (name) => {
      const found = await find(name, { nameServers, system })
      expect(found.map(({ address }) => address).sort()).toEqual(['127.0.0.1', '::1'])
      expect(nameServers).not.toHaveBeenCalled()
      expect(system.find).not.toHaveBeenCalled()
    },
  )

  it('once for all who ask at the same time', async () => {
    const resolve = createResolve({ nameServers })
    const ask = () => new Promise<unknown>((done) => resolve('a.test', (_error, addresses) => done(addresses)))
    const [first, second] = await Promise.all([ask(), ask()])
    expect(second).toBe(first)
    expect(nameServers).toHaveBeenCalledTimes(1)
    expect(await ask()).not.toBe(first)
  })
})

describe('the order of addresses', () => {
  const before = getDefaultResultOrder()
  afterEach(() => setDefaultResultOrder(before as 'verbatim'))

  test.each([
    ['ipv4first', ['192.0.2.1', '2001:db8::1']],
    ['ipv6first', ['2001:db8::1', '192.0.2.1']],
  ] as const)('is %s if Node was told so', async (order, expected) => {
    setDefaultResultOrder(order)
    const found = await find('a.test', { nameServers: async () => ['192.0.2.1', '2001:db8::1'] })
    expect(found.map(({ address }) => address)).toEqual(expected)
  })
})

it('the hosts file is read as the system reads it, and again when it has changed', async () => {
  const path = join(tmpdir(), `hosts-${process.pid}`)
  await writeFile(path, '# none\n127.0.0.9\tA.test  b.test # c.test\n::9 a.test\nfe80::1%lo0 a.test\nnonsense d.test\n')
  const hosts = new HostsFile(path)
  expect(hosts.addresses('a.test')).toEqual(['127.0.0.9', '::9'])
  expect(hosts.addresses('b.test')).toEqual(['127.0.0.9'])
  for (const name of ['c.test', 'd.test', 'constructor']) expect(hosts.addresses(name)).toEqual([])
  await writeFile(path, '127.0.0.10 a.test')
  expect(hosts.addresses('a.test')).toEqual(['127.0.0.10'])
})

it('the hosts file need not be there', () => {
  expect(new HostsFile('/nowhere/hosts').addresses('a.test')).toEqual([])
})

/** Answers when it is told to. */
function startSystem() {
  const asked = new Map<string, () => void>()
  const lookups = new SystemLookup((host) => new Promise((done) => asked.set(host, () => done([v4('192.0.2.1')]))))
  return { asked, lookups }
}

it('the system is asked for one name at a time', async () => {
  const { asked, lookups } = startSystem()
  const both = [lookups.find('a'), lookups.find('b')]
  expect([...asked.keys()]).toEqual(['a'])
  asked.get('a')?.()
  await both[0]
  expect([...asked.keys()]).toEqual(['a', 'b'])
  asked.get('b')?.()
  expect(await both[1]).toEqual([v4('192.0.2.1')])
})

it('the system is asked for a name that it knew before, whatever else takes long', async () => {
  const { asked, lookups } = startSystem()
  const first = lookups.find('known')
  asked.get('known')?.()
  await first
  asked.clear()
  for (const name of ['stuck1', 'stuck2']) lookups.find(name)
  const again = lookups.find('known')
  expect([...asked.keys()]).toEqual(['stuck1', 'known'])
  asked.get('known')?.()
  expect(await again).toEqual([v4('192.0.2.1')])
})

it('the system is asked for a name only so long as somebody waits for it', async () => {
  vi.useFakeTimers()
  try {
    const { asked, lookups } = startSystem()
    lookups.find('stuck')
    const waiting = lookups.find('waiting')
    const refused = expect(waiting).rejects.toMatchObject({ code: 'EAI_AGAIN' })
    await vi.advanceTimersByTimeAsync(10_000)
    await refused
    asked.get('stuck')?.()
    await vi.advanceTimersByTimeAsync(0)
    expect([...asked.keys()]).toEqual(['stuck'])
  } finally {
    vi.useRealTimers()
  }
})

it('the system is asked and what it does not know is refused by its own error', async () => {
  const lookups = new SystemLookup(() => Promise.reject(coded('ENOTFOUND')))
  await expect(lookups.find('a')).rejects.toMatchObject({ code: 'ENOTFOUND' })
  await expect(lookups.find('b')).rejects.toMatchObject({ code: 'ENOTFOUND' })
})
