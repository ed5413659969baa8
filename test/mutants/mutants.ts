import { BOUNDS } from './areas/bounds.ts'
import { CLAIMS } from './areas/claims.ts'
import { CONTROL } from './areas/control.ts'
import { DATABASE } from './areas/database.ts'
import { DRAINS } from './areas/drains.ts'
import { HANDLERS } from './areas/handlers.ts'
import { INSPECT } from './areas/inspect.ts'
import { LIFE } from './areas/life.ts'
import { LIMITS } from './areas/limits.ts'
import { LINES } from './areas/lines.ts'
import { NETWORK } from './areas/network.ts'
import { ODD_VALUES } from './areas/odd-values.ts'
import { RESCUES } from './areas/rescues.ts'
import { RETENTION } from './areas/retention.ts'
import { SCHEDULES } from './areas/schedules.ts'
import { SECRETS } from './areas/secrets.ts'
import { SETTLEMENTS } from './areas/settlements.ts'
import { SPAWNS } from './areas/spawns.ts'
import { TESTING_KIT } from './areas/testing-kit.ts'
import { WORKERS } from './areas/workers.ts'
import type { Mutant } from './mutant.ts'

export const MUTANTS: readonly Mutant[] = [
  ...CLAIMS,
  ...SETTLEMENTS,
  ...RESCUES,
  ...LINES,
  ...SPAWNS,
  ...CONTROL,
  ...WORKERS,
  ...LIMITS,
  ...NETWORK,
  ...SECRETS,
  ...SCHEDULES,
  ...RETENTION,
  ...DRAINS,
  ...HANDLERS,
  ...DATABASE,
  ...ODD_VALUES,
  ...BOUNDS,
  ...LIFE,
  ...INSPECT,
  ...TESTING_KIT,
]
