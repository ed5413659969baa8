/** A connection that the network rules refuse. */
export class AddressBlockedError extends Error {
  override readonly name = 'AddressBlockedError'
  // undici keeps trying to connect when it meets one of its own codes.
  readonly code = 'ERR_REQUEUEST_ADDRESS_BLOCKED'

  /**
   * @param host - where the request wanted to go
   * @param reason - why that is refused
   * @param address - what the host resolved to, when it is a name
   */
  constructor(host: string, reason: string, address: string = host) {
    super(`${host}${address === host ? '' : ` (${address})`} is refused: ${reason}`)
  }
}
