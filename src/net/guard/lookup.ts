import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'

/** Finds every address of a name. */
export type Resolve = (host: string, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void

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
