import { numberText, plural } from '../view/format.ts'
import type { Action } from './action.ts'
import { askAboutMany } from './requests.tsx'
import { type Requests, requestsOf } from './targets.ts'

const STATES = ['pending', 'claimed'] as const

export const cancel: Action<Requests> = {
  name: 'cancel',
  targetOf: (form) => requestsOf(form, STATES),
  ask: (view, { requests }, form) =>
    askAboutMany(view, form, {
      where: requests,
      states: STATES,
      verb: 'Cancel',
      text: (
        <p>
          No attempt begins after that. One that is under way is not aborted: it may still arrive. What is cancelled can
          be redriven.
        </p>
      ),
    }),
  run: async ({ requeuest }, { requests }, _form, report) => {
    const { cancelled, inFlight } = await requeuest.cancel(requests, {
      onProgress: (soFar) => report({ done: soFar.matched, changed: soFar.cancelled }),
    })
    return { changed: cancelled, others: inFlight.length }
  },
  said: (changed, inFlight) => {
    if (changed === 0) return 'Nothing was cancelled: no request that matches is pending or claimed any more.'
    const rest = inFlight > 0 ? `${numberText(inFlight)} of them may still arrive: they were being sent.` : ''
    return `${plural(changed, 'request was', 'requests were')} cancelled. ${rest}`
  },
}
