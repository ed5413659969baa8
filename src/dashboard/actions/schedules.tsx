import type { FoundSchedule } from '../../schedules/schedules.ts'
import { Time } from '../view/time.tsx'
import type { View } from '../view/view.ts'
import type { Action } from './action.ts'
import { type Schedule, scheduleOf } from './targets.ts'

export const pauseSchedule: Action<Schedule> = {
  name: 'pauseSchedule',
  targetOf: scheduleOf,
  ask: async (_view, { schedule }) => ({
    title: `Pause the schedule ${schedule}?`,
    button: 'Pause',
    text: <p>It does not fire until somebody resumes it. Times that pass meanwhile are not caught up.</p>,
  }),
  run: async ({ requeuest }, { schedule }) => ({ changed: (await requeuest.pauseSchedule(schedule)) ? 1 : 0 }),
  said: (changed) =>
    changed > 0 ? 'The schedule is paused.' : 'Nothing was changed: the schedule is paused already, or gone.',
}

export const resumeSchedule: Action<Schedule> = {
  name: 'resumeSchedule',
  targetOf: scheduleOf,
  ask: async (_view, { schedule }) => ({
    title: `Resume the schedule ${schedule}?`,
    button: 'Resume',
    text: <p>It fires at its next time, counting from now.</p>,
  }),
  run: async ({ requeuest }, { schedule }) => ({ changed: (await requeuest.resumeSchedule(schedule)) ? 1 : 0 }),
  said: (changed) =>
    changed > 0 ? 'The schedule is resumed.' : 'Nothing was changed: the schedule was not paused, or is gone.',
}

export const runSchedule: Action<Schedule> = {
  name: 'runSchedule',
  targetOf: scheduleOf,
  ask: async (view, { schedule }) => {
    const { nextRunAt = null, lastRunAt = null } = (await found(view, schedule)) ?? {}
    return {
      title: `Run the schedule ${schedule} now?`,
      button: 'Run now',
      text: nextRunAt ? (
        <p>
          It spawns a request within seconds, as soon as a worker looks. Its next time is <Time at={nextRunAt} />; after
          that it goes on with the next one of its expression.
        </p>
      ) : (
        <p>It cannot: it is paused, has a problem, or does not exist.</p>
      ),
      fields: <input type="hidden" name="last" value={lastRunAt?.toISOString() ?? ''} />,
      isPointless: nextRunAt === null,
    }
  },
  run: async (view, { schedule }, form) => {
    const seen = form.get('last')
    const last = (await found(view, schedule))?.lastRunAt?.toISOString() ?? ''
    // Whoever clicks twice means one request.
    if (seen !== null && seen !== last) return { changed: 0 }
    return { changed: (await view.requeuest.runSchedule(schedule)) ? 1 : 0 }
  },
  said: (changed) =>
    changed > 0
      ? 'The schedule is due: a worker spawns its request.'
      : 'Nothing was done: the schedule has run meanwhile, is paused, has a problem, or is gone.',
}

async function found({ requeuest }: View, name: string): Promise<FoundSchedule | undefined> {
  return (await requeuest.schedules()).find((schedule) => schedule.name === name)
}
