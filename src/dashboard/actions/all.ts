import type { DashboardAction } from '../options.ts'
import type { Action } from './action.ts'
import { cancel } from './cancel.tsx'
import { setLimits } from './limits.tsx'
import { pause, resume } from './pauses.tsx'
import { redrive } from './redrive.tsx'
import { release } from './release.tsx'
import { reschedule } from './reschedule.tsx'
import { retarget } from './retarget.tsx'
import { pauseSchedule, resumeSchedule, runSchedule } from './schedules.tsx'

const ACTIONS: Readonly<Record<DashboardAction, Action>> = {
  redrive,
  cancel,
  retarget,
  reschedule,
  release,
  pause,
  resume,
  setLimits,
  pauseSchedule,
  resumeSchedule,
  runSchedule,
}

/** The action of that name; undefined if there is none. */
export function actionNamed(name: string | null | undefined): Action | undefined {
  return typeof name === 'string' && Object.hasOwn(ACTIONS, name) ? ACTIONS[name as DashboardAction] : undefined
}
