import { type LookupAddress, lookup } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Finds every address of a name. */
export type Resolve = (host: string, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void

/**
 * Asks the system's resolver, once for all who ask at the same time: it works in Node's few threads, and a name
 * whose servers do not answer must not take them all.
 */
export function createResolve(): Resolve {
  const waiting = new Map<string, Parameters<Resolve>[1][]>()
  return (host, callback) => {
    const others = waiting.get(host)
    if (others) return void others.push(callback)
    const callbacks = [callback]
    waiting.set(host, callbacks)
    lookup(host, { all: true }, (error, addresses) => {
      waiting.delete(host)
      for (const each of callbacks) each(error, addresses ?? [])
    })
  }
}

/**
 * A `lookup` for sockets that yields addresses only when none of them is refused. Were the good ones picked out
 * instead, a name that also leads inside would go unnoticed.
 *
 * @param refuse - the error for an address that must not be reached
 */
export function vettedLookup(
  resolve: Resolve,
  refuse: (host: string, address: string) => Error | null,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, (failure, addresses) => {
      const [first] = addresses
      let error = failure
      for (const { address } of addresses) error ??= refuse(host, address)
      if (error || !first) callback(error ?? noAddress(host), [])
      else if (options.all) callback(null, addresses)
      else callback(null, first.address, first.family)
    })
  }
}

function noAddress(host: string): Error {
  return Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' })
}
