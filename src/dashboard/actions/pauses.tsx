import { plural } from '../view/format.ts'
import type { Action } from './action.ts'
import { nameOfScope, type Scope, scopeOf } from './targets.ts'

export const pause: Action<Scope> = {
  name: 'pause',
  targetOf: scopeOf,
  ask: async (_view, scope) => ({
    title: `Pause ${nameOfScope(scope)}?`,
    button: 'Pause',
    text: (
      <p>
        No worker of any process claims its requests until somebody resumes it. Attempts under way end as they would;
        what is spawned waits.
      </p>
    ),
  }),
  run: async ({ requeuest }, scope) => ({ changed: 1, others: (await requeuest.pause(scope)).inFlight }),
  said: (_changed, inFlight) =>
    `Paused. ${inFlight > 0 ? `Workers hold ${plural(inFlight, 'request')} of it and may be sending.` : ''}`,
}

export const resume: Action<Scope> = {
  name: 'resume',
  targetOf: scopeOf,
  ask: async (_view, scope) => ({
    title: `Resume ${nameOfScope(scope)}?`,
    button: 'Resume',
    text: (
      <p>
        {'channel' in scope
          ? 'Workers claim its requests again.'
          : 'Workers send to it again. That also closes its breaker, and ends the wait that it asked for (Retry-After).'}
      </p>
    ),
  }),
  run: async ({ requeuest }, scope) => ({ changed: (await requeuest.resume(scope)) ? 1 : 0 }),
  said: (changed) => (changed > 0 ? 'Resumed.' : 'Nothing was changed: it was not paused.'),
}
