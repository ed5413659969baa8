import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** A parsed IP address. An IPv4 address in IPv6 clothes (`::ffff:10.0.0.1`) is the IPv4 address. */
export type Address = ipaddr.IPv4 | ipaddr.IPv6

/** What kind of address it is, when it is not a public one. */
export type AddressKind =
  | 'broadcast'
  | 'carrier_nat'
  | 'cloud_platform'
  | 'documentation'
  | 'embedded_ipv4'
  | 'link_local'
  | 'loopback'
  | 'multicast'
  | 'not_an_address'
  | 'private'
  | 'reserved'
  | 'unspecified'

/** The address that `text` spells, or null. */
export function parseAddress(text: string): Address | null {
  const address = parseLiteral(text)
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

/** The address as it is written, IPv6 clothes and all, or null. */
export function parseLiteral(text: string): Address | null {
  // ipaddr.js alone would also read `0x7f.1` and `127.1`, and takes `::10.0.0.1` for `::ffff:10.0.0.1`.
  if (isIP(text) === 0) return null
  const dotted = text.includes(':') ? /\d+\.\d+\.\d+\.\d+/.exec(text)?.[0] : undefined
  if (dotted === undefined) return ipaddr.parse(withoutZone(text))
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
  const groups = [a * 256 + b, c * 256 + d].map((group) => group.toString(16))
  return ipaddr.parse(withoutZone(text).replace(dotted, groups.join(':')))
}

/** What follows a '%' names an interface of this machine and is no part of the address. */
function withoutZone(text: string): string {
  return text.replace(/%.*$/s, '')
}

/** Why `text` is not an address that anyone on the internet may be reached at, or null when it is. */
export function classifyAddress(text: string): AddressKind | null {
  const address = parseAddress(text)
  if (address === null) return 'not_an_address'
  const ranges = address.kind() === 'ipv4' ? SPECIAL_V4 : SPECIAL_V6
  for (const [base, bits, kind] of ranges) if (address.match(base, bits)) return kind
  // IPv6 is an allow-list: of the whole space only this eighth has been given out.
  return address.kind() === 'ipv4' || address.match(GLOBAL_V6, 3) ? null : 'reserved'
}

const GLOBAL_V6 = ipaddr.parse('2000::')

// From the IANA special-purpose registries (RFC 6890), the multicast and class E blocks, and the address at which
// Azure's machines find their platform. The first match counts.
const SPECIAL_V4 = ranges({
  '0.0.0.0/8': 'unspecified',
  '10.0.0.0/8': 'private',
  '100.64.0.0/10': 'carrier_nat',
  '127.0.0.0/8': 'loopback',
  '168.63.129.16/32': 'cloud_platform',
  '169.254.0.0/16': 'link_local',
  '172.16.0.0/12': 'private',
  '192.0.0.0/24': 'reserved',
  '192.0.2.0/24': 'documentation',
  '192.88.99.0/24': 'reserved',
  '192.168.0.0/16': 'private',
  '198.18.0.0/15': 'reserved',
  '198.51.100.0/24': 'documentation',
  '203.0.113.0/24': 'documentation',
  '224.0.0.0/4': 'multicast',
  '255.255.255.255/32': 'broadcast',
  '240.0.0.0/4': 'reserved',
})

// Addresses that carry an IPv4 address lead, through a gateway, to wherever that one leads; so do 6to4 and Teredo.
const SPECIAL_V6 = ranges({
  '::/128': 'unspecified',
  '::1/128': 'loopback',
  '::/96': 'embedded_ipv4',
  '::ffff:0:0:0/96': 'embedded_ipv4',
  '64:ff9b::/96': 'embedded_ipv4',
  '64:ff9b:1::/48': 'embedded_ipv4',
  '2001::/32': 'embedded_ipv4',
  '2001::/23': 'reserved',
  '2001:db8::/32': 'documentation',
  '2002::/16': 'embedded_ipv4',
  '3fff::/20': 'documentation',
  'fc00::/7': 'private',
  'fe80::/10': 'link_local',
  'fec0::/10': 'private',
  'ff00::/8': 'multicast',
})

function ranges(table: Record<string, AddressKind>): [base: Address, bits: number, kind: AddressKind][] {
  return Object.entries(table).map(([cidr, kind]) => [...ipaddr.parseCIDR(cidr), kind])
}
