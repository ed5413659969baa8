import type { RetargetInput } from '../../control/retarget.ts'
import { InvalidInputError } from '../../errors.ts'
import type { HeaderPairs } from '../../message/message.ts'
import type { Action } from './action.ts'
import { AreaField, Field } from './field.tsx'
import { Brief, requestWith } from './requests.tsx'
import { onlyOf, requestOf } from './targets.ts'

export const retarget: Action<{ requests: { id: string } }> = {
  name: 'retarget',
  targetOf: requestOf,
  ask: async (view, { requests: { id } }, form) => {
    const request = await requestWith(view, id)
    const isFixed = request === undefined || request.state === 'delivered'
    return {
      title: isFixed ? 'There is nothing to do' : 'Send the request elsewhere?',
      button: 'Retarget',
      isPointless: isFixed,
      text: request ? (
        <>
          <Brief of={request} />
          <p>
            {isFixed
              ? 'It is delivered, and is not sent again.'
              : 'From its next attempt on it goes there. Its body and its attempts stay. One that failed or was cancelled has to be redriven afterwards.'}
          </p>
        </>
      ) : (
        <p>There is no such request.</p>
      ),
      fields: (
        <>
          <Field form={form} name="to-url" label="URL" hint="Empty: as it is." value={request?.url} isWide />
          <AreaField
            form={form}
            name="header"
            label="Headers"
            hint="A line for each, such as x-team: billing. They replace all headers; empty: these stay as they are."
          />
        </>
      ),
    }
  },
  run: async ({ requeuest }, { requests: { id } }, form) => {
    const url = onlyOf(form, 'to-url')?.trim()
    const lines = form.getAll('header').flatMap((text) => text.split(/\r?\n/).filter((line) => line.trim() !== ''))
    const target: RetargetInput = {
      ...(url && { url }),
      ...(lines.length > 0 && { headers: lines.map(toHeader) }),
    }
    const { changed } = await requeuest.retarget(id, target)
    return { changed: changed ? 1 : 0 }
  },
  said: (changed) =>
    changed > 0 ? 'The request goes there from its next attempt on.' : 'Nothing was changed: it is delivered, or gone.',
}

function toHeader(line: string): HeaderPairs[number] {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line.trim()) ?? []
  // The line may hold a secret.
  if (name === undefined || value === undefined)
    throw new InvalidInputError('header', undefined, "a line such as 'x-team: billing'")
  return [name, value]
}
