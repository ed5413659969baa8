import type { ChangeResult } from '../options/control.ts'
import { EXIT } from './exit-codes.ts'
import type { Outcome } from './output.ts'

/** What became of a change to one request. */
export function changeOutcome(id: string, { changed, state }: ChangeResult, done: string, unless: string): Outcome {
  const text = changed ? `Request ${id} is ${done}.` : `Nothing was changed: ${whyNot(id, state, unless)}.`
  return { data: { id, changed, state }, text: () => text, exitCode: changed ? EXIT.fine : EXIT.failed }
}

function whyNot(id: string, state: ChangeResult['state'], unless: string): string {
  return state === null ? `there is no request ${id}` : `request ${id} is ${state}, and ${unless}`
}
