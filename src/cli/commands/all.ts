import type { Command } from 'commander'
import { cancelCommand } from './cancel.ts'
import { clearCommand } from './clear.ts'
import { completionCommand } from './completion.ts'
import { dashboardCommand } from './dashboard.ts'
import { doctorCommand } from './doctor.ts'
import { drainCommand } from './drain.ts'
import { initCommand } from './init.ts'
import { limitsCommand } from './limits.ts'
import { listCommand } from './list.ts'
import { listenCommand } from './listen.ts'
import { migrateCommand } from './migrate.ts'
import { pauseCommand } from './pause.ts'
import { redriveCommand } from './redrive.ts'
import { releaseCommand } from './release.ts'
import { rescheduleCommand } from './reschedule.ts'
import { resumeCommand } from './resume.ts'
import { retargetCommand } from './retarget.ts'
import { schedulesCommand } from './schedules.ts'
import { showCommand } from './show.ts'
import { statsCommand } from './stats.ts'
import { tailCommand } from './tail.ts'
import { waitCommand } from './wait.ts'
import { workersCommand } from './workers.ts'

/** Under which heading of the help, which commands. What they need beyond their options is loaded when they run. */
export const COMMANDS: Readonly<Record<string, readonly ((program: Command) => void)[]>> = {
  'See:': [
    dashboardCommand,
    statsCommand,
    doctorCommand,
    listCommand,
    showCommand,
    tailCommand,
    waitCommand,
    workersCommand,
  ],
  'Change requests:': [redriveCommand, cancelCommand, clearCommand, retargetCommand, rescheduleCommand],
  'Control:': [pauseCommand, resumeCommand, limitsCommand, releaseCommand, schedulesCommand],
  'Set up and run:': [initCommand, migrateCommand, drainCommand, listenCommand, completionCommand],
}
