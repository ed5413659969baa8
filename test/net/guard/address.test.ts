import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { classifyAddress, parseAddress } from '../../../src/net/guard/address.ts'

const table: [address: string, kind: string | null][] = [
  ['8.8.8.8', null],
  ['93.184.216.34', null],
  ['0.0.0.0', 'unspecified'],
  ['0.255.255.255', 'unspecified'],
  ['1.0.0.0', null],
  ['9.255.255.255', null],
  ['10.0.0.0', 'private'],
  ['10.255.255.255', 'private'],
  ['11.0.0.0', null],
  ['100.63.255.255', null],
  ['100.64.0.0', 'carrier_nat'],
  ['100.100.100.200', 'carrier_nat'],
  ['100.127.255.255', 'carrier_nat'],
  ['100.128.0.0', null],
  ['127.0.0.1', 'loopback'],
  ['127.255.255.254', 'loopback'],
  ['168.63.129.15', null],
  ['168.63.129.16', 'cloud_platform'],
  ['168.63.129.17', null],
  ['169.254.169.254', 'link_local'],
  ['172.15.255.255', null],
  ['172.16.0.1', 'private'],
  ['172.31.255.255', 'private'],
  ['172.32.0.0', null],
  ['192.0.0.192', 'reserved'],
  ['192.0.1.0', null],
  ['192.0.2.1', 'documentation'],
  ['192.88.99.1', 'reserved'],
  ['192.167.255.255', null],
  ['192.168.0.1', 'private'],
  ['192.169.0.0', null],
  ['198.17.255.255', null],
  ['198.18.0.1', 'reserved'],
  ['198.19.255.255', 'reserved'],
  ['198.20.0.0', null],
  ['198.51.100.7', 'documentation'],
  ['203.0.113.7', 'documentation'],
  ['223.255.255.255', null],
  ['224.0.0.1', 'multicast'],
  ['239.255.255.255', 'multicast'],
  ['240.0.0.1', 'reserved'],
  ['255.255.255.255', 'broadcast'],
  ['2606:4700:4700::1111', null],
  ['2001:200::1', null],
  ['3ffe:ffff::1', null],
  ['::', 'unspecified'],
  ['::1', 'loopback'],
  ['::2', 'embedded_ipv4'],
  ['::127.0.0.1', 'embedded_ipv4'],
  ['::7f00:1', 'embedded_ipv4'],
  ['::8.8.8.8', 'embedded_ipv4'],
  ['::ffff:127.0.0.1', 'loopback'],
  ['::ffff:7f00:1', 'loopback'],
  ['::ffff:a9fe:a9fe', 'link_local'],
  ['::ffff:8.8.8.8', null],
  ['::ffff:0:127.0.0.1', 'embedded_ipv4'],
  ['::ffff:127.0.0.1%lo', 'loopback'],
  ['::8.8.8.8%1.2.3.4', 'embedded_ipv4'],
  ['fe80::1%1.2.3.4', 'link_local'],
  ['64:ff9b::7f00:1', 'embedded_ipv4'],
  ['64:ff9b:1::10.0.0.1', 'embedded_ipv4'],
  ['100::1', 'reserved'],
  ['2001::1', 'embedded_ipv4'],
  ['2001:10::1', 'reserved'],
  ['2001:1ff:ffff::', 'reserved'],
  ['2001:db8::1', 'documentation'],
  ['2002:7f00:1::', 'embedded_ipv4'],
  ['3fff::1', 'documentation'],
  ['3fff:fff:ffff::', 'documentation'],
  ['4000::1', 'reserved'],
  ['5f00::1', 'reserved'],
  ['fbff::1', 'reserved'],
  ['fc00::1', 'private'],
  ['fd00:ec2::254', 'private'],
  ['fe80::1', 'link_local'],
  ['fe80::1%eth0', 'link_local'],
  ['fec0::1', 'private'],
  ['ff02::1', 'multicast'],
]
test.each(table)('classifyAddress %s is %s', (address, kind) => {
  expect(classifyAddress(address)).toBe(kind)
})

const notAddresses = ['', 'localhost', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '[::1]', '10.0.0.0/8', '1.2.3.4 ']
test.each(notAddresses)('classifyAddress %j is not an address', (text) => {
  expect(classifyAddress(text)).toBe('not_an_address')
})

// An oracle that shares nothing with the classifier: numbers, and what is public rather than what is special.
const SPECIAL_V4: [first: string, last: string][] = [
  ['00000000', '00ffffff'],
  ['0a000000', '0affffff'],
  ['64400000', '647fffff'],
  ['7f000000', '7fffffff'],
  ['a83f8110', 'a83f8110'],
  ['a9fe0000', 'a9feffff'],
  ['ac100000', 'ac1fffff'],
  ['c0000000', 'c00000ff'],
  ['c0000200', 'c00002ff'],
  ['c0586300', 'c05863ff'],
  ['c0a80000', 'c0a8ffff'],
  ['c6120000', 'c613ffff'],
  ['c6336400', 'c63364ff'],
  ['cb007100', 'cb0071ff'],
  ['e0000000', 'ffffffff'],
]
const SPECIAL_IN_2000: [prefix: bigint, bits: bigint][] = [
  [0x2001_0000n, 23n],
  [0x2001_0db8n, 32n],
  [0x2002_0000n, 16n],
  [0x3fff_0000n, 20n],
]

function isPublicV4(number: bigint): boolean {
  return !SPECIAL_V4.some(([first, last]) => number >= BigInt(`0x${first}`) && number <= BigInt(`0x${last}`))
}

function isPublicV6(number: bigint): boolean {
  if (number >> 32n === 0xffffn) return isPublicV4(number & 0xffff_ffffn)
  const top = number >> 96n
  return top >> 29n === 1n && !SPECIAL_IN_2000.some(([prefix, bits]) => (top ^ prefix) >> (32n - bits) === 0n)
}

const formatV4 = (number: bigint) => [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.')
const formatV6 = (number: bigint) =>
  [112n, 96n, 80n, 64n, 48n, 32n, 16n, 0n].map((shift) => ((number >> shift) & 0xffffn).toString(16)).join(':')

const edgesV4 = SPECIAL_V4.flatMap(([first, last]) => [BigInt(`0x${first}`), BigInt(`0x${last}`)])
const v4 = fc.oneof(
  fc.bigInt(0n, 0xffff_ffffn),
  fc
    .tuple(fc.constantFrom(...edgesV4), fc.bigInt(-2n, 2n))
    .map(([edge, step]) => (edge + step + 0x1_0000_0000n) & 0xffff_ffffn),
)
const prefixesV6 = [
  '0',
  '1',
  'ffff',
  'ffff0000',
  '64ff9b',
  '64ff9b0001',
  '100',
  '2001',
  '20010db8',
  '2002',
  '3fff',
].map((prefix) => BigInt(`0x${prefix}`))
const v6 = fc.oneof(
  fc.bigInt(0n, (1n << 128n) - 1n),
  fc.tuple(fc.bigInt(0x1fffn, 0x4001n), fc.bigInt(0n, (1n << 112n) - 1n)).map(([top, rest]) => (top << 112n) | rest),
  fc
    .tuple(fc.constantFrom(...prefixesV6), fc.integer({ min: 0, max: 112 }), v4)
    .map(([prefix, shift, low]) => ((prefix << BigInt(shift)) | low) & ((1n << 128n) - 1n)),
  fc
    .tuple(fc.constantFrom(...SPECIAL_IN_2000), fc.bigInt(-2n, 2n), fc.bigInt(0n, (1n << 96n) - 1n))
    .map(([[prefix, bits], step, rest]) => ((prefix + (step << (32n - bits))) << 96n) | rest),
)

it('agrees with numbers on IPv4', () => {
  fc.assert(
    fc.property(v4, (number) => (classifyAddress(formatV4(number)) === null) === isPublicV4(number)),
    { numRuns: 2000 },
  )
})

it('agrees with numbers on IPv6', () => {
  fc.assert(
    fc.property(v6, (number) => (classifyAddress(formatV6(number)) === null) === isPublicV6(number)),
    { numRuns: 2000 },
  )
})

it('agrees with numbers on IPv4 in IPv6 clothes, however they are written', () => {
  fc.assert(
    fc.property(v4, (number) => {
      const plain = classifyAddress(formatV4(number))
      expect(classifyAddress(`::ffff:${formatV4(number)}`)).toBe(plain)
      expect(classifyAddress(formatV6((0xffffn << 32n) | number))).toBe(plain)
      expect(parseAddress(`::ffff:${formatV4(number)}`)?.toString()).toBe(formatV4(number))
    }),
  )
})

it('agrees with numbers and lets no address through that carries another', () => {
  fc.assert(
    fc.property(v4, (number) => {
      const dotted = formatV4(number)
      const hex = formatV6(number).split(':').slice(-2).join(':')
      for (const carrier of [`::${dotted}`, `::ffff:0:${dotted}`, `64:ff9b::${dotted}`, `64:ff9b:1::${dotted}`]) {
        expect(classifyAddress(carrier)).not.toBeNull()
      }
      expect(classifyAddress(`2002:${hex}::1`)).toBe('embedded_ipv4')
      expect(classifyAddress(`2001:0:4136:e378:8000:63bf:${hex}`)).toBe('embedded_ipv4')
    }),
  )
})
