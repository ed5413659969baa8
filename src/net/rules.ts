import { networkInterfaces } from 'node:os'
import { InvalidInputError } from '../errors.ts'
import type { NetworkOptions } from '../options.ts'
import { classifyAddress, parseAddress } from './address.ts'
import { comparableHost, ENTRY_FORMS, parseRuleEntry, type RuleEntry } from './rule-entry.ts'

/** Which addresses this installation may reach. */
export interface NetworkRules {
  /** Why the host is refused whatever it resolves to, or null. Asked before the name is looked up. */
  refuseHost(host: string, port: number): string | null
  /** Why `address`, to which `host` led, is refused, or null. A literal host is its own address. */
  refuseAddress(host: string, port: number, address: string): string | null
}

const ALWAYS_ALLOWED_PORTS = [80, 443]

/**
 * Reads the options once.
 *
 * In this order: what `deny` names is refused; what `allow` names is permitted; any address that is not public, or
 * that is one of this machine's, is refused; any other port than 80 and 443 is refused. A host name in `allow` is
 * trusted wherever it leads, which includes this machine: only a `deny` entry for the address stops it. An address
 * or CIDR in `allow` is trusted whatever the name that led to it.
 *
 * @param ownAddresses - the addresses of this machine
 * @throws {@link InvalidInputError} naming the entry that cannot be read
 */
export function resolveNetworkRules(options: NetworkOptions = {}, ownAddresses = systemAddresses): NetworkRules {
  const allow = readEntries('allow', options.allow)
  const deny = readEntries('deny', options.deny)
  return {
    refuseHost: (host, port) => (matches(deny, host, port, null) ? 'denied by options.network.deny' : null),
    refuseAddress(host, port, address) {
      if (matches(deny, host, port, address)) return 'denied by options.network.deny'
      if (matches(allow, host, port, address)) return null
      const reason = unlessAllowed(port, address, ownAddresses)
      return reason && `${reason} that options.network.allow does not name`
    },
  }
}

function unlessAllowed(port: number, address: string, ownAddresses: () => string[]): string | null {
  const kind = classifyAddress(address)
  if (kind !== null) return `${kind} address`
  if (ownAddresses().some((own) => isSameAddress(own, address))) return "this machine's own address"
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
  return Object.values(networkInterfaces()).flatMap((addresses) => addresses?.map(({ address }) => address) ?? [])
}

function isSameAddress(one: string, other: string): boolean {
  return parseAddress(one)?.toString() === parseAddress(other)?.toString()
}
