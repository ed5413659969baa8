import { isInvalidInput, isRequeuestError } from '../../errors.ts'
import { report } from '../report.ts'
import type { Shown, View } from '../view/view.ts'
import type { Action } from './action.ts'
import { carryOut, type Visitor } from './carry-out.ts'
import { confirmation } from './confirm.tsx'
import { returnAddress, withNote } from './return-address.ts'
import { streamed } from './streamed.ts'

const LINES = 'application/x-ndjson'

/** Does what the visitor has confirmed, with lines of progress if that was asked for. */
export async function perform(
  view: View,
  visitor: Visitor,
  action: Action,
  form: URLSearchParams,
): Promise<Shown | Response> {
  action.targetOf(form)
  const wantsLines = visitor.request.headers.get('accept')?.includes(LINES)
  return wantsLines ? inLines(view, visitor, action, form) : atOnce(view, visitor, action, form)
}

/** To its end, and back to where the visitor came from. */
async function atOnce(view: View, visitor: Visitor, action: Action, form: URLSearchParams): Promise<Shown | Response> {
  try {
    const { changed, others = 0 } = await carryOut(view, visitor, action, form)
    const back = returnAddress(form.get('return'), view)
    return new Response(null, {
      status: 303,
      headers: { location: withNote(back, { done: action.name, changed, others }) },
    })
  } catch (error) {
    if (isInvalidInput(error)) return confirmation(view, action, form, error.message)
    throw error
  }
}

/** `{ done, total, changed }` after each batch, and `{ result, changed, … }` at the end. */
async function inLines(view: View, visitor: Visitor, action: Action, form: URLSearchParams): Promise<Response> {
  const { many: total = 1 } = await action.ask(view, action.targetOf(form), form)
  const work = async (send: (line: object) => void, signal: AbortSignal) => {
    let changed = 0
    try {
      const onStep = (step: { done: number; changed: number }) => {
        changed = step.changed
        send({ ...step, total: Math.max(total, step.done) })
      }
      const outcome = await carryOut(view, visitor, action, form, onStep, signal)
      const { others = 0 } = outcome
      const back = returnAddress(form.get('return'), view)
      const address = withNote(back, { done: action.name, changed: outcome.changed, others })
      const message = action.said(outcome.changed, others)
      send({ result: 'done', changed: outcome.changed, message, back: address })
    } catch (error) {
      if (signal.aborted) return send({ result: 'stopped', changed })
      report(error, view.parts)
      const message = isRequeuestError(error) ? error.message : 'The error was reported to the application.'
      send({ result: 'failed', changed, message })
    }
  }
  return streamed(work, visitor.request.signal)
}
