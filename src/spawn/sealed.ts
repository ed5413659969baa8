import { requestRow, type Vault } from '../encryption/vault.ts'
import type { NewRequest } from '../policy/request.ts'
import type { StoredRequest } from '../store/requests.ts'

/** A request as it goes into its row. */
export function sealed({ id, channel, placement, message, traceContext }: NewRequest, vault: Vault): StoredRequest {
  const { method, url } = message
  const { headers, body, encryptionKey } = vault.seal(requestRow(id), message)
  return { id, channel, placement, method, url, headers, body, encryptionKey, traceContext }
}
