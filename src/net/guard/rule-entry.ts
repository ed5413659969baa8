import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'
import { type Address, parseAddress, parseLiteral } from './address.ts'

/** What an `allow` or `deny` entry speaks of. A null port means every port. */
export type RuleEntry = { port: number | null } & (
  | { kind: 'range'; base: Address; bits: number }
  | { kind: 'host'; host: string }
  | { kind: 'subdomains'; suffix: string }
)

/** What an entry must be, as the end of a sentence. */
export const ENTRY_FORMS =
  "a CIDR without host bits ('10.0.0.0/8'), an address, a host name or '*.' and a host name, " +
  "each but the CIDR also with a port ('127.0.0.1:8080', '[::1]:8080')"

/** Reads one entry; null when it has none of {@link ENTRY_FORMS}. */
export function parseRuleEntry(text: string): RuleEntry | null {
  if (text.includes('/')) return parseRange(text)
  if (isIP(text) !== 0) return addressEntry(text, null)
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:[\]]*))(?::(?<port>[1-9]\d{0,4}))?$/s.exec(text)?.groups
  if (!parts) return null
  const port = parts['port'] === undefined ? null : Number(parts['port'])
  if (port !== null && port > 65_535) return null
  if (parts['v6'] !== undefined) return isIP(parts['v6']) === 6 ? addressEntry(parts['v6'], port) : null
  return isIP(parts['name'] ?? '') === 4
    ? addressEntry(parts['name'] ?? '', port)
    : parseName(parts['name'] ?? '', port)
}

/** A host in the form in which hosts are compared: whoever looks it up may pass over any number of dots at its end. */
export function comparableHost(host: string): string {
  const bare = host.toLowerCase().replace(/\.+$/, '')
  // Without them a number is an address, which the URL parser spells out.
  return /^[0-9a-fx.]+$/.test(bare) && URL.canParse(`http://${bare}/`) ? new URL(`http://${bare}/`).hostname : bare
}

function parseRange(text: string): RuleEntry | null {
  const [, network = '', length = ''] = /^([^/%]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? []
  const given = parseLiteral(network)
  if (given === null) return null
  const bits = Number(length)
  if (bits > (given.kind() === 'ipv4' ? 32 : 128)) return null
  const family = given.kind() === 'ipv4' ? ipaddr.IPv4 : ipaddr.IPv6
  if (family.networkAddressFromCIDR(`${given}/${bits}`).toString() !== given.toString()) return null
  const base = parseAddress(network) as Address
  if (base.kind() === given.kind()) return { kind: 'range', base, bits, port: null }
  // An IPv4 address in IPv6 clothes is compared as IPv4, so the range has to be undressed as well.
  return bits >= 96 ? { kind: 'range', base, bits: bits - 96, port: null } : null
}

function addressEntry(text: string, port: number | null): RuleEntry | null {
  const base = text.includes('%') ? null : parseAddress(text)
  return base && { kind: 'range', base, bits: base.kind() === 'ipv4' ? 32 : 128, port }
}

function parseName(text: string, port: number | null): RuleEntry | null {
  const wildcard = text.startsWith('*.')
  const name = wildcard ? text.slice(2) : text
  if (!/^[^\s/\\?#@%*<>^|`{}"]+$/.test(name) || !URL.canParse(`http://${name}/`)) return null
  // The URL parser spells international names as they appear in a URL, and unmasks numbers such as 2130706433.
  const host = comparableHost(new URL(`http://${name}/`).hostname)
  if (host === '' || isIP(host) !== 0) return null
  return wildcard ? { kind: 'subdomains', suffix: `.${host}`, port } : { kind: 'host', host, port }
}

/** The entry that speaks of one host or address at one port, and of nothing else. */
export function entryFor(host: string, port: number): string {
  const name = comparableHost(host)
  return isIP(name) === 6 ? `[${name}]:${port}` : `${name}:${port}`
}
