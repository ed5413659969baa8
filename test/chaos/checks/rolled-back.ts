import type { Life } from '../lab/life.ts'
import type { Check, Violation } from './check.ts'

/** I2. An unknown answer is no rollback: such a request may be there or not, but not be sent without being there. */
export const rolledBack: Check = {
  invariant: 'I2',
  title: 'what was rolled back is neither written nor sent',
  run({ lives }) {
    const violations = lives.flatMap((life): Violation[] => {
      const says = surprise(life)
      return says === undefined ? [] : [{ about: life.id, says }]
    })
    return {
      violations,
      figures: {
        'rolled back': lives.filter((life) => life.fate === 'rolledback').length,
        'without an answer at first': lives.filter((life) => life.wasUnknown).length,
      },
    }
  },
}

function surprise({ fate, request, arrivals }: Life): string | undefined {
  if (request && fate === 'rolledback') return 'rolled back, but in the database'
  if (request && fate === undefined) return 'in the database, but nobody spawned it'
  if (!request && arrivals.length > 0) return 'sent, but not in the database'
  return undefined
}
