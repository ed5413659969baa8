import type { LimitOptions } from '../../control/limits.ts'
import { resolveScope } from '../../control/target.ts'
import { InvalidInputError } from '../../errors.ts'
import { limitsOf } from '../../inspect/limits.ts'
import type { Action } from './action.ts'
import { Field } from './field.tsx'
import { durationOf, nameOfScope, numberOf, type Scope, scopeOf } from './targets.ts'

export const setLimits: Action<Scope> = {
  name: 'setLimits',
  targetOf: scopeOf,
  ask: async ({ parts }, scope, form) => {
    const { concurrency, rate } = await limitsOf(parts.db, resolveScope(scope))
    return {
      title: `Limit ${nameOfScope(scope)}`,
      button: 'Set limits',
      text: <p>For all processes together. Workers follow within about a second.</p>,
      fields: (
        <>
          <Field
            form={form}
            name="concurrency"
            label="In flight at once"
            hint="Empty: as many as there is room for."
            value={concurrency === null ? '' : String(concurrency)}
            inputmode="numeric"
          />
          <Field
            form={form}
            name="rate"
            label="Starts in an interval"
            hint="Evenly spread over it. Empty: as many as come."
            value={rate === null ? '' : String(rate.limit)}
            inputmode="numeric"
          />
          <Field
            form={form}
            name="rate-interval"
            label="Interval"
            hint="Such as 1s, 1m or 1h."
            value={rate === null ? '1s' : exactText(rate.intervalMs)}
          />
        </>
      ),
    }
  },
  run: async ({ requeuest }, scope, form) => {
    await requeuest.setLimits(scope, limitsIn(form))
    return { changed: 1 }
  },
  said: () => 'The limits are set.',
}

/** What is in the form is set; empty fields remove a limit. */
function limitsIn(form: URLSearchParams): LimitOptions {
  if (!form.has('concurrency') && !form.has('rate'))
    throw new InvalidInputError('concurrency', undefined, 'a number, or empty for no limit, unless `rate` is given')
  const limit = numberOf(form, 'rate')
  const interval = durationOf(form, 'rate-interval')
  const rate = limit === undefined ? null : { limit, ...(interval !== undefined && { interval }) }
  return {
    ...(form.has('concurrency') && { concurrency: numberOf(form, 'concurrency') ?? null }),
    ...(form.has('rate') && { rate }),
  }
}

/** As a field takes it: `1500ms`, `2m`. */
function exactText(ms: number): string {
  const units = [
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const
  const [unit, unitMs] = units.find(([, unitMs]) => ms % unitMs === 0) ?? ['ms', 1]
  return `${ms / unitMs}${unit}`
}
