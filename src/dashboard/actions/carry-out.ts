import { isInvalidInput, RequeuestError, reasonOf } from '../../errors.ts'
import type { DashboardActionEvent } from '../options.ts'
import type { View } from '../view/view.ts'
import type { Action, Outcome, Step } from './action.ts'

/** Who asks for an action. */
export interface Visitor {
  request: Request
  native: unknown
}

/**
 * Does an action, and tells `options.onAction` of it, however it ended.
 *
 * @param onStep - is told after each batch, and throws if it shall end
 * @param signal - ends it after a batch
 */
export async function carryOut(
  view: View,
  visitor: Visitor,
  action: Action,
  form: URLSearchParams,
  onStep: (step: Step) => void = () => {},
  signal?: AbortSignal,
): Promise<Outcome> {
  const target = action.targetOf(form)
  const user = await userOf(view, visitor)
  let changed = 0
  const tell = (result: DashboardActionEvent['result']) =>
    guarded(view, 'onAction', () => view.options.onAction({ action: action.name, user, target, changed, result }))
  try {
    signal?.throwIfAborted()
    const outcome = await action.run(view, target, form, (step) => {
      changed = step.changed
      onStep(step)
      signal?.throwIfAborted()
    })
    changed = outcome.changed
    await tell('done')
    return outcome
  } catch (error) {
    // Nothing was done then.
    if (!isInvalidInput(error)) await tell(signal?.aborted ? 'stopped' : 'failed')
    throw error
  }
}

async function userOf(view: View, { request, native }: Visitor): Promise<string | null> {
  return (await guarded(view, 'user', () => view.options.user(request, native))) ?? null
}

/** Calls what the application has given. What it throws is its own matter, and changes nothing of the action. */
async function guarded<T>({ parts }: View, name: string, call: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    const message = `options.${name} of the dashboard threw: ${reasonOf(error)}`
    parts.events.emit('error', new RequeuestError('handler_failed', message, { cause: error }))
    return undefined
  }
}
