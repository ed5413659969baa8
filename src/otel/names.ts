/*
 * Names of attributes. Those of HTTP are stable; those of messaging are in development, so they are written down here instead of
 * being taken from a package whose next version may have others.
 */

export const HTTP = {
  method: 'http.request.method',
  methodOriginal: 'http.request.method_original',
  resendCount: 'http.request.resend_count',
  status: 'http.response.status_code',
  url: 'url.full',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  peerAddress: 'network.peer.address',
  errorType: 'error.type',
} as const

export const MESSAGING = {
  system: 'messaging.system',
  operation: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  messageId: 'messaging.message.id',
  batchSize: 'messaging.batch.message_count',
} as const

/** How an attempt ended, as in the attempt's row, or `given_back`: nothing was sent, and the attempt does not count. */
export const OUTCOME = 'requeuest.outcome'

export const SYSTEM = 'requeuest'
