import { isIP } from 'node:net'
import { AddressBlockedError } from './blocked.ts'
import { comparableHost } from './rule-entry.ts'
import type { NetworkRules } from './rules.ts'

/** Why a host is refused by its name or as a literal address, before anything is looked up; null where it is not. */
export function refusedByUrl(rules: NetworkRules, host: string, port: number): AddressBlockedError | null {
  const reason = rules.refuseHost(host, port)
  if (reason !== null) return new AddressBlockedError(host, reason)
  const literal = comparableHost(host)
  const refused = isIP(literal) === 0 ? null : rules.refuseAddress(host, port, literal)
  return refused === null ? null : new AddressBlockedError(host, refused, literal)
}

/** As `refusedByUrl()`, for a host that somebody else will look up and connect to. */
export function refusedUnresolved(rules: NetworkRules, host: string, port: number): AddressBlockedError | null {
  const refused = refusedByUrl(rules, host, port)
  if (refused !== null || isIP(comparableHost(host)) !== 0) return refused
  const reason = rules.refuseUnresolved(host, port)
  return reason === null ? null : new AddressBlockedError(host, reason)
}
