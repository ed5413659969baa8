import type { Check } from './check.ts'

/** I16. */
export const deadlocks: Check = {
  invariant: 'I16',
  title: 'Postgres counts no deadlocks',
  run({ history }) {
    const says = `${history.deadlocks} deadlocks`
    return {
      violations: history.deadlocks > 0 ? [{ about: 'Postgres', says }] : [],
      figures: { deadlocks: history.deadlocks },
    }
  },
}
