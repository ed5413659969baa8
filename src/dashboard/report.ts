import { isInvalidInput, isRequeuestError, RequeuestError, reasonOf } from '../errors.ts'
import type { Context } from '../instance/context.ts'

/** Tells the application of an error, unless a visitor's input was the cause. */
export function report(error: unknown, { events }: Context): void {
  if (isInvalidInput(error)) return
  const wrapped = () =>
    new RequeuestError('database_error', `A page of the dashboard failed: ${reasonOf(error)}`, { cause: error })
  events.emit('error', isRequeuestError(error) ? error : wrapped())
}
