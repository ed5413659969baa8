import { checkKeys, checkObject, checkOneOf, checkText } from '../check/check.ts'
import { InvalidInputError } from '../errors.ts'
import type { LineFailureAction, Placement } from '../policy/request.ts'

/** Options of any line. */
interface LineOptions {
  /**
   * What happens to the requests behind this one when it fails for good: the next one is sent (`'continue'`), or the line is
   * held until `release()` (`'hold'`). @default 'continue'
   */
  afterFailure?: LineFailureAction
}

/**
 * The line of a request. Requests of a line are sent one after another, in the order in which their transactions took their
 * places. `'channel'` and `{ channel: true }` name the line of the whole channel; a `key` of 1 to 200 characters names a line
 * within the channel.
 */
export type OrderOptions =
  | 'channel'
  | (LineOptions & { channel: true; key?: never })
  | (LineOptions & { key: string; channel?: never })

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveOrder(order: OrderOptions | undefined): Pick<Placement, 'orderKey' | 'afterFailure'> {
  if (order === undefined) return { orderKey: null, afterFailure: 'continue' }
  if (order === 'channel') return { orderKey: '', afterFailure: 'continue' }
  const field = 'options.order'
  checkObject(field, order, "'channel', { key } or { channel: true }")
  checkKeys(field, order, ['key', 'channel', 'afterFailure'])
  const {
    key,
    channel,
    afterFailure = 'continue',
  }: { key?: unknown; channel?: unknown; afterFailure?: unknown } = order
  if (channel !== undefined && key !== undefined)
    throw new InvalidInputError(`${field}.channel`, channel, 'omitted when `key` is given: a request is in one line')
  if (channel !== undefined && channel !== true)
    throw new InvalidInputError(`${field}.channel`, channel, 'true, which is the line of the whole channel, or omitted')
  return {
    // '' is the line of the whole channel.
    orderKey: channel === true ? '' : checkText(`${field}.key`, key, 200),
    afterFailure: checkOneOf(`${field}.afterFailure`, afterFailure, ['continue', 'hold']),
  }
}
