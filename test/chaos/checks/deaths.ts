import type { Check } from './check.ts'

/** I17. */
export const deaths: Check = {
  invariant: 'I17',
  title: 'no process ends by itself',
  run({ history }) {
    const violations = history.deaths.map(({ name, pid, code }) => ({
      about: `${name} (${pid})`,
      says: `ended by itself with ${code}`,
    }))
    return { violations, figures: { processes: history.workers.length, deaths: violations.length } }
  },
}
