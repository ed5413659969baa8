import { hidden, InvalidInputError } from '../errors.ts'

/** A `Dispatcher` of undici, from any copy of undici. */
export interface DispatcherLike {
  /** Sends a request and tells the handler of the response. */
  dispatch(options: object, handler: object): boolean
}

export function checkDispatcher(field: string, value: unknown): DispatcherLike {
  if (typeof (value as Partial<DispatcherLike> | null)?.dispatch === 'function') return value as DispatcherLike
  throw new InvalidInputError(field, hidden(value), 'a dispatcher of undici, such as new MockAgent()')
}
