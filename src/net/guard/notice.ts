import { entryFor } from './rule-entry.ts'
import { DENIED, type NetworkRules } from './rules.ts'

/** An application that sends wherever its customers say should not be told of each of them. */
const MOST_NOTICES = 10

/** Rules that tell of what they refuse without having been told to, once for each host and port. */
export function withNotices(rules: NetworkRules, tell: (message: string) => void): NetworkRules {
  const told = new Set<string>()
  const notice = (host: string, port: number, reason: string | null) => {
    const name = entryFor(host, port)
    if (reason === null || reason === DENIED || told.has(name) || told.size === MOST_NOTICES) return reason
    told.add(name)
    const last = told.size === MOST_NOTICES ? ' No more is said of others.' : ''
    tell(`Requests to ${name} are refused: ${reason}.${last}`)
    return reason
  }
  return {
    refuseHost: (host, port) => rules.refuseHost(host, port),
    refuseAddress: (host, port, address) => notice(host, port, rules.refuseAddress(host, port, address)),
    refuseUnresolved: (host, port) => notice(host, port, rules.refuseUnresolved(host, port)),
  }
}
