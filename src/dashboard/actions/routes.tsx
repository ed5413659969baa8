import { NOT_FOUND } from '../view/problem.tsx'
import type { Shown, View } from '../view/view.ts'
import type { Action } from './action.ts'
import { actionNamed } from './all.ts'
import type { Visitor } from './carry-out.ts'
import { confirmation } from './confirm.tsx'
import { withFixedTimes } from './fixed-times.ts'
import { formOf } from './form.ts'
import { perform } from './perform.ts'

const NOT_ALLOWED: Shown = { title: 'Not allowed', status: 403, content: <p>You may look, but not do this.</p> }

/** `GET /actions/:name`: what would be done. */
export async function showAction(view: View): Promise<Shown> {
  return ifAllowed(view, (action) => confirmation(view, action, withFixedTimes(view.query, Date.now())))
}

/** `POST /actions/:name` does it. */
export async function doAction(view: View, visitor: Visitor): Promise<Shown | Response> {
  return ifAllowed(view, async (action) => {
    const form = await formOf(visitor.request)
    return perform(view, visitor, action, withFixedTimes(form, Date.now()))
  })
}

async function ifAllowed<T>(view: View, go: (action: Action) => Promise<T>): Promise<T | Shown> {
  const action = actionNamed(view.params['name'])
  if (action === undefined) return NOT_FOUND
  return view.may(action.name) ? go(action) : NOT_ALLOWED
}
