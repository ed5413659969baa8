import { describe, expect, it, test } from 'vitest'
import { InvalidInputError } from '../../../src/errors.ts'
import { ownAddresses } from '../../../src/net/guard/own-addresses.ts'
import { resolveNetworkRules } from '../../../src/net/guard/rules.ts'
import type { NetworkOptions } from '../../../src/options/instance.ts'

const PUBLIC = '93.184.216.34'

function refuses(options: NetworkOptions, host: string, port: number, address: string): boolean {
  const rules = resolveNetworkRules(options, () => [])
  return (rules.refuseHost(host, port) ?? rules.refuseAddress(host, port, address)) !== null
}

test.each([80, 443])('without network.allow and network.deny port %i of a public address may be reached', (port) => {
  expect(refuses({}, 'example.com', port, PUBLIC)).toBe(false)
})

it('without network.allow and network.deny says what is wrong with everything else', () => {
  const rules = resolveNetworkRules({}, () => ['fe80::1', `::ffff:${PUBLIC}`])
  expect(rules.refuseAddress('example.com', 8080, '1.1.1.1')).toMatch(/^port 8080 /)
  expect(rules.refuseAddress('example.com', 443, '10.0.0.1')).toMatch(/^private address /)
  expect(rules.refuseAddress('example.com', 443, PUBLIC)).toMatch(/^this machine's own address /)
  expect(rules.refuseAddress('example.com', 443, '1.1.1.1')).toBeNull()
})

it("without network.allow and network.deny knows this machine's addresses", () => {
  expect(resolveNetworkRules().refuseAddress('localhost', 80, '127.0.0.1')).toMatch(/^loopback/)
})

const table: [entry: string, host: string, port: number, address: string, refused: boolean][] = [
  ['10.0.0.0/8', 'anything.test', 9000, '10.255.0.1', false],
  ['10.0.0.0/8', 'anything.test', 80, '11.0.0.1', false],
  ['10.0.0.0/8', 'anything.test', 9000, '11.0.0.1', true],
  ['10.0.0.0/8', 'anything.test', 9000, '::ffff:10.1.1.1', false],
  ['::ffff:10.0.0.0/104', 'anything.test', 9000, '10.1.1.1', false],
  ['::10.0.0.0/104', 'anything.test', 80, '10.0.0.1', true],
  ['::10.0.0.0/104', 'anything.test', 80, '::10.0.0.1', false],
  ['::10.0.0.1', 'anything.test', 80, '10.0.0.1', true],
  ['::/0', 'anything.test', 80, '127.0.0.1', true],
  ['::/0', 'anything.test', 80, '::ffff:127.0.0.1', true],
  ['0.0.0.0/0', 'anything.test', 80, '::1', true],
  ['fd00::/8', 'anything.test', 8443, 'fd12::1', false],
  ['127.0.0.1', '127.0.0.1', 3000, '127.0.0.1', false],
  ['127.0.0.1', 'localhost', 3000, '127.0.0.1', false],
  ['127.0.0.1', '127.0.0.2', 3000, '127.0.0.2', true],
  ['127.0.0.1:8080', 'localhost', 8080, '127.0.0.1', false],
  ['127.0.0.1:8080', 'localhost', 8081, '127.0.0.1', true],
  ['127.0.0.1:8080', 'localhost', 80, '127.0.0.1', true],
  ['::1', '::1', 3000, '::1', false],
  ['[::1]', '::1', 3000, '::1', false],
  ['[::1]:8080', '::1', 8080, '::1', false],
  ['[::1]:8080', '::1', 8081, '::1', true],
  ['billing.internal', 'billing.internal', 9000, '10.0.0.1', false],
  ['billing.internal', 'BILLING.internal.', 9000, '10.0.0.1', false],
  ['Billing.Internal.', 'billing.internal', 9000, '10.0.0.1', false],
  ['billing.internal', 'x.billing.internal', 9000, '10.0.0.1', true],
  ['billing.internal', 'billing.internal.evil.test', 80, '10.0.0.1', true],
  ['billing.internal:9000', 'billing.internal', 9001, '10.0.0.1', true],
  ['*.internal', 'billing.internal', 9000, '10.0.0.1', false],
  ['*.internal', 'a.b.internal', 9000, '10.0.0.1', false],
  ['*.internal', 'internal', 9000, '10.0.0.1', true],
  ['*.internal', 'notinternal', 9000, '10.0.0.1', true],
  ['*.internal:9000', 'billing.internal', 9001, '10.0.0.1', true],
  ['api.example.com', 'api.example.com', 8443, PUBLIC, false],
  ['bücher.test', 'xn--bcher-kva.test', 8443, PUBLIC, false],
]
test.each(table)('network.allow %s, then %s port %i at %s: refused %s', (entry, host, port, address, refused) => {
  expect(refuses({ allow: [entry] }, host, port, address)).toBe(refused)
})

describe('network.deny', () => {
  const table: [entry: string, host: string, port: number, address: string, refused: boolean][] = [
    ['93.184.0.0/16', 'example.com', 443, PUBLIC, true],
    ['93.184.0.0/16', 'example.com', 443, `::ffff:${PUBLIC}`, true],
    ['93.184.0.0/16', 'example.com', 443, '93.185.0.1', false],
    ['example.com', 'EXAMPLE.com.', 443, PUBLIC, true],
    ['example.com', 'www.example.com', 443, PUBLIC, false],
    ['*.example.com', 'www.example.com', 443, PUBLIC, true],
    ['example.com:443', 'example.com', 443, PUBLIC, true],
    ['example.com:443', 'example.com', 80, PUBLIC, false],
  ]
  test.each(table)('%s, then %s port %i at %s: refused %s', (entry, host, port, address, refused) => {
    expect(refuses({ deny: [entry] }, host, port, address)).toBe(refused)
    // Whatever allow says.
    expect(refuses({ deny: [entry], allow: [host, address] }, host, port, address)).toBe(refused)
  })

  it('refuses a name before it is looked up', () => {
    const rules = resolveNetworkRules({ deny: ['evil.test'], allow: ['evil.test'] })
    expect(rules.refuseHost('evil.test', 443)).toMatch(/deny/)
    expect(rules.refuseHost('good.test', 443)).toBeNull()
  })

  it('stops an address that a trusted name leads to', () => {
    const options = { allow: ['billing.internal'], deny: ['169.254.169.254'] }
    expect(refuses(options, 'billing.internal', 80, '169.254.169.254')).toBe(true)
    expect(refuses(options, 'billing.internal', 80, '169.254.169.253')).toBe(false)
  })
})

const wrong = [
  '',
  ' ',
  '*',
  '*.',
  '*.*.test',
  'a.*.test',
  'http://example.com',
  'example.com/path',
  'user@example.com',
  'a b',
  '10.0.0.1/8',
  '10.0.0.0/33',
  '10.0.0.0/',
  '10.0.0.0/08',
  '10.0.0.0/-1',
  '10.0.0.0/8:80',
  'fd00::1/8',
  'fe80::1%eth0',
  '::/129',
  '::ffff:0.0.0.0/95',
  '127.1',
  '0x7f.1',
  '2130706433',
  '0177.0.0.1',
  '①②⑦.⓪.⓪.①',
  'localhost:0',
  'localhost:65536',
  'localhost:080',
  'localhost:http',
  ':80',
  '[::1',
  '[::1]x',
  '[127.0.0.1]:80',
  '::1:80:x',
  undefined,
  null,
  80,
  {},
]
test.each(wrong)('entries that cannot be read %j', (entry) => {
  const read = () => resolveNetworkRules({ allow: ['10.0.0.0/8', entry as string] })
  expect(read).toThrow(InvalidInputError)
  expect(read).toThrow(/^options\.network\.allow\[1\] must be a CIDR/)
})

it('entries that cannot be read names the list when that is wrong', () => {
  expect(() => resolveNetworkRules({ deny: '10.0.0.0/8' as never })).toThrow(/^options\.network\.deny must be a list/)
})

test('the addresses of this machine are remembered for when they cannot be listed', () => {
  const before = ownAddresses()
  const lacking = () => {
    throw new Error('uv_interface_addresses returned EMFILE')
  }
  expect(before).not.toEqual([])
  expect(ownAddresses(lacking)).toEqual(before)
})
