import { createDispatcher, type DispatcherOptions } from '../../src/net/dispatcher.ts'
import { createSender, type DeliverableRequest, type Sender } from '../../src/worker/deliver.ts'

/** A sender whose channels all go the same way. */
export function senderOf({
  maxResponseBytes = 1000,
  ...options
}: DispatcherOptions & { maxResponseBytes?: number }): Sender {
  const dispatcher = createDispatcher(options)
  const dispatchers = { of: () => dispatcher, destroy: () => dispatcher.destroy() }
  return createSender({ dispatchers, signing: new Map(), maxResponseBytes })
}

/** A plain GET that may take 5 s and follows no redirect. */
export function plainGet(url: string): DeliverableRequest {
  const none = { headers: [], body: null, maxRedirects: 0 }
  return { id: 'id', channel: 'a', method: 'GET', url, timeoutMs: 5000, ...none }
}
