import { InvalidInputError } from '../../errors.ts'
import type { NetworkOptions } from '../../options/instance.ts'
import { classifyAddress, parseAddress } from './address.ts'
import { ownAddresses } from './own-addresses.ts'
import { comparableHost, ENTRY_FORMS, entryFor, parseRuleEntry, type RuleEntry } from './rule-entry.ts'

/** Which addresses this installation may reach. */
export interface NetworkRules {
  /** Why the host is refused whatever it resolves to, or null. Asked before the name is looked up. */
  refuseHost(host: string, port: number): string | null
  /** Why `address`, to which `host` led, is refused, or null. A literal host is its own address. */
  refuseAddress(host: string, port: number, address: string): string | null
  /** Why `host`, a name that somebody else will look up, is refused, or null. */
  refuseUnresolved(host: string, port: number): string | null
}

const ALWAYS_ALLOWED_PORTS = [80, 443]
/** Why a host or address is refused that the user has named. */
export const DENIED = 'denied by options.network.deny'

/**
 * Reads the options once.
 *
 * In this order: what `deny` names is refused; what `allow` names is permitted; any address that is not public, or
 * that is one of this machine's, is refused; any other port than 80 and 443 is refused. A host name in `allow` is
 * trusted wherever it leads, which includes this machine: only a `deny` entry for the address stops it. An address
 * or CIDR in `allow` is trusted whatever the name that led to it.
 *
 * @param addresses - the addresses of this machine
 * @throws {@link InvalidInputError} naming the entry that cannot be read
 */
export function resolveNetworkRules(options: NetworkOptions = {}, addresses = systemAddresses): NetworkRules {
  // Now they can be listed.
  addresses()
  const allow = readEntries('allow', options.allow)
  const deny = readEntries('deny', options.deny)
  return {
    refuseHost: (host, port) => (matches(deny, host, port, null) ? DENIED : null),
    refuseAddress(host, port, address) {
      if (matches(deny, host, port, address)) return DENIED
      if (matches(allow, host, port, address)) return null
      const reason = refusedAddress(address, addresses) ?? refusedPort(port)
      return reason && `${reason} ${notNamed(host, port)}`
    },
    refuseUnresolved(host, port) {
      if (matches(allow, host, port, null)) return null
      // RFC 6761 section 6.3: these names always lead to the machine that looks them up.
      const isLocal = /(^|\.)localhost$/.test(comparableHost(host))
      const reason = isLocal ? 'loopback address' : refusedPort(port)
      return reason && `${reason} ${notNamed(host, port)}`
    },
  }
}

function notNamed(host: string, port: number): string {
  return `that options.network.allow does not name (\`network: { allow: ['${entryFor(host, port)}'] }\` permits it)`
}

function refusedAddress(address: string, addresses: () => string[]): string | null {
  const kind = classifyAddress(address)
  if (kind !== null) return `${kind} address`
  return addresses().some((own) => isSameAddress(own, address)) ? "this machine's own address" : null
}

function refusedPort(port: number): string | null {
  return ALWAYS_ALLOWED_PORTS.includes(port) ? null : `port ${port}`
}

function readEntries(list: 'allow' | 'deny', entries: unknown = []): RuleEntry[] {
  const field = `options.network.${list}`
  if (!Array.isArray(entries)) throw new InvalidInputError(field, entries, 'a list of CIDRs, addresses and host names')
  return entries.map((entry: unknown, index) => {
    const rule = typeof entry === 'string' ? parseRuleEntry(entry) : null
    if (rule === null) throw new InvalidInputError(`${field}[${index}]`, entry, ENTRY_FORMS)
    return rule
  })
}

function matches(entries: RuleEntry[], host: string, port: number, address: string | null): boolean {
  if (entries.length === 0) return false
  const name = comparableHost(host)
  const parsed = address === null ? null : parseAddress(address)
  return entries.some((entry) => {
    if (entry.port !== null && entry.port !== port) return false
    if (entry.kind === 'host') return entry.host === name
    if (entry.kind === 'subdomains') return name.endsWith(entry.suffix)
    return parsed !== null && parsed.kind() === entry.base.kind() && parsed.match(entry.base, entry.bits)
  })
}

function systemAddresses(): string[] {
  return ownAddresses().map(({ address }) => address)
}

function isSameAddress(one: string, other: string): boolean {
  return parseAddress(one)?.toString() === parseAddress(other)?.toString()
}
