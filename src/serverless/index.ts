export type { Duration } from '../check/duration.ts'
export type { DrainOptions, DrainResult } from '../options/drain.ts'
export { type CronRouteOptions, cronRoute, type Drains } from './cron-route.ts'
