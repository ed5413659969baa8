import { InvalidInputError } from '../../errors.ts'
import { dateOf, parseMoment } from '../../inspect/moment.ts'
import { withDatabaseErrors } from '../../store/db.ts'
import { selectTime } from '../../store/session.ts'
import { Time } from '../view/time.tsx'
import type { View } from '../view/view.ts'
import type { Action } from './action.ts'
import { Field } from './field.tsx'
import { Brief, requestWith } from './requests.tsx'
import { onlyOf, requestOf } from './targets.ts'

export const reschedule: Action<{ requests: { id: string } }> = {
  name: 'reschedule',
  targetOf: requestOf,
  ask: async (view, { requests: { id } }, form) => {
    const request = await requestWith(view, id)
    const isPending = request?.state === 'pending'
    return {
      title: isPending ? 'Send the request at another time?' : 'There is nothing to do',
      button: 'Reschedule',
      isPointless: !isPending,
      text: request ? (
        <>
          <Brief of={request} />
          <p>
            {isPending ? (
              <>
                It is due <Time at={request.runAt} />.
              </>
            ) : (
              'Only pending requests can be rescheduled.'
            )}
          </p>
        </>
      ) : (
        <p>There is no such request.</p>
      ),
      fields: (
        <Field
          form={form}
          name="run-at"
          label="Due"
          hint="+0s (now), +2h (from now), or a time such as 2026-11-30T10:00Z. Without a zone it is in UTC."
          value="+0s"
        />
      ),
    }
  },
  run: async (view, { requests: { id } }, form) => {
    const { changed } = await view.requeuest.reschedule(id, await momentOf(view, form))
    return { changed: changed ? 1 : 0 }
  },
  said: (changed) =>
    changed > 0 ? 'The request is rescheduled.' : 'Nothing was changed: only pending requests can be rescheduled.',
}

/** By the database's clock. */
async function momentOf({ parts }: View, form: URLSearchParams): Promise<Date> {
  const text = onlyOf(form, 'run-at')?.trim() ?? ''
  const moment = parseMoment(text)
  // A bare `2h` stands for two hours ago elsewhere, which nobody means here.
  if (moment === null || ('fromNowMs' in moment && !text.startsWith('+')))
    throw new InvalidInputError('run-at', text, "'+2h' (from now) or a time such as '2026-11-30T10:00Z'")
  const [time] = await withDatabaseErrors(() => selectTime(parts.db))
  return dateOf(moment, time?.nowMs ?? Date.now())
}
