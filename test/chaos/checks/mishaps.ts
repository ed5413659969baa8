import type { Check } from './check.ts'

/** No invariant of the library's: what a lab that failed has found is worth less. */
export const mishaps: Check = {
  invariant: 'lab',
  title: 'the lab could do all that it set out to do',
  run({ history }) {
    const violations = history.mishaps.map((says) => ({ about: 'itself', says }))
    return { violations, figures: { mishaps: violations.length } }
  },
}
