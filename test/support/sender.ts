import { createDispatcher, type DispatcherOptions } from '../../src/net/dispatcher.ts'
import { createSender, type Sender } from '../../src/worker/deliver.ts'

/** A sender whose channels all go the same way. */
export function senderOf({
  maxResponseBytes = 1000,
  ...options
}: DispatcherOptions & { maxResponseBytes?: number }): Sender {
  const dispatcher = createDispatcher(options)
  const dispatchers = { of: () => dispatcher, destroy: () => dispatcher.destroy() }
  return createSender({ dispatchers, maxResponseBytes })
}
