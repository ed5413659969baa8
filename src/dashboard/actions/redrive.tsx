import type { RedriveOptions } from '../../control/redrive.ts'
import { plural } from '../view/format.ts'
import type { Action } from './action.ts'
import { Field } from './field.tsx'
import { askAboutMany } from './requests.tsx'
import { durationOf, numberOf, type Requests, requestsOf } from './targets.ts'

const STATES = ['failed', 'cancelled'] as const

export const redrive: Action<Requests> = {
  name: 'redrive',
  targetOf: (form) => requestsOf(form, STATES),
  ask: (view, { requests }, form) =>
    askAboutMany(view, form, {
      where: requests,
      states: STATES,
      verb: 'Redrive',
      text: (
        <p>
          They are due at once, and are sent again. Attempts that were made stay in their history. In a line a request
          goes to the end, except one that holds the line: that one is sent first.
        </p>
      ),
      fields: (
        <>
          <Field
            form={form}
            name="max-attempts"
            label="Attempts from now on"
            hint="Empty: as many as when they were spawned."
            inputmode="numeric"
          />
          <Field
            form={form}
            name="expires-after"
            label="Give up after"
            hint="Such as 30m, 2h or 7d. Empty: their own expiry, if that is ahead."
          />
        </>
      ),
    }),
  run: async ({ requeuest }, { requests }, form, report) => {
    const maxAttempts = numberOf(form, 'max-attempts')
    const expiresAfter = durationOf(form, 'expires-after')
    const options: RedriveOptions = {
      ...(maxAttempts !== undefined && { maxAttempts }),
      ...(expiresAfter !== undefined && { expiresAfter }),
      onProgress: ({ matched, redriven }) => report({ done: matched, changed: redriven }),
    }
    const { matched, redriven } = await requeuest.redrive(requests, options)
    return { changed: redriven, others: matched - redriven }
  },
  said: (changed, left) => {
    const why =
      left > 0 ? `${plural(left, 'request')} cannot be: a worker still sends them, or their bodies are pruned.` : ''
    if (changed > 0) return `${plural(changed, 'request was', 'requests were')} redriven. ${why}`
    return why || 'Nothing was redriven: no request that matches is failed or cancelled any more.'
  },
}
