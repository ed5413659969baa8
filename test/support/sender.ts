import { createSender, type DeliverableRequest } from '../../src/deliver/sender.ts'
import { createDispatcher, type DispatcherOptions } from '../../src/net/dispatcher.ts'
import type { Delivery } from '../../src/policy/attempt.ts'

/** A sender of requests that are there already, and hence never postponed. */
export interface PlainSender {
  deliver(request: DeliverableRequest): Promise<Delivery>
  close(): Promise<void>
}

/** A sender whose channels all go the same way. */
export function senderOf({
  maxResponseBytes = 1000,
  ...options
}: DispatcherOptions & { maxResponseBytes?: number }): PlainSender {
  const dispatcher = createDispatcher(options)
  const dispatchers = { of: () => dispatcher, destroy: () => dispatcher.destroy() }
  const sender = createSender({ dispatchers, signing: new Map(), render: () => null, hide: [], maxResponseBytes })
  const gate = { enter: async () => true, left: () => {} }
  return {
    deliver: async (request) => (await sender.deliver(request, gate)) as Delivery,
    close: () => sender.close(),
  }
}

/** A plain GET that may take 5 s and follows no redirect. */
export function plainGet(url: string): DeliverableRequest {
  const none = { headers: [], body: null, maxRedirects: 0 }
  return { id: 'id', channel: 'a', method: 'GET', url, timeoutMs: 5000, ...none }
}
