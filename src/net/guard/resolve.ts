import { getDefaultResultOrder, type LookupAddress } from 'node:dns'
import { isIPv6 } from 'node:net'
import { HostsFile } from './hosts.ts'
import type { Resolve } from './lookup.ts'
import { askNameServers } from './name-servers.ts'
import { ownAddresses } from './own-addresses.ts'
import { comparableHost } from './rule-entry.ts'
import { SystemLookup } from './system-lookup.ts'

export interface NameSources {
  hosts: Pick<HostsFile, 'addresses'>
  nameServers: (host: string) => Promise<string[] | null>
  system: Pick<SystemLookup, 'find'>
}

/** One for the process, since its threads are. */
const SOURCES: NameSources = { hosts: new HostsFile(), nameServers: askNameServers, system: new SystemLookup() }

/** Names that no name server knows: those of the local network, and those that need a search domain. */
const LOCAL = /^[^.]+$|\.local$/
/** RFC 6761 section 6.3: these always lead to this machine. */
const LOOPBACK = /(^|\.)localhost$/

/**
 * Finds names as the system does: in the hosts file, then by the name servers, then by whatever else the system is set up to
 * ask. Whoever asks for the same name at the same time waits for the same answer.
 */
export function createResolve(sources: Partial<NameSources> = {}): Resolve {
  const { hosts, nameServers, system } = { ...SOURCES, ...sources }
  const asked = new Map<string, Promise<LookupAddress[]>>()

  async function find(host: string): Promise<LookupAddress[]> {
    const name = comparableHost(host)
    const own = hosts.addresses(name)
    if (own.length > 0) return ordered(own)
    if (LOOPBACK.test(name)) return ordered(['127.0.0.1', '::1'])
    const found = LOCAL.test(name) ? null : await nameServers(host)
    return found ? ordered(found) : system.find(host)
  }

  return (host, callback) => {
    const answer = asked.get(host) ?? find(host).finally(() => asked.delete(host))
    asked.set(host, answer)
    answer.then(
      (addresses) => callback(null, addresses),
      (error: Error) => callback(error, []),
    )
  }
}

/** In the order that Node was told to use. Where it was told none, the kind comes first that this machine can connect by. */
function ordered(addresses: readonly string[]): LookupAddress[] {
  const order = getDefaultResultOrder()
  const first = order === 'ipv6first' || (order !== 'ipv4first' && hasIPv6()) ? 6 : 4
  const all = addresses.map((address): LookupAddress => ({ address, family: isIPv6(address) ? 6 : 4 }))
  return [...all.filter(({ family }) => family === first), ...all.filter(({ family }) => family !== first)]
}

function hasIPv6(): boolean {
  return ownAddresses().some(
    ({ family, internal, address }) => family === 'IPv6' && !internal && !address.startsWith('fe80'),
  )
}
