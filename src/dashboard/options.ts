import { checkFunction, checkKeys, checkObject, checkOneOf } from '../check/check.ts'
import { checkDuration, type Duration } from '../check/duration.ts'
import type { RequestFilter } from '../control/filter.ts'
import { hidden, InvalidInputError } from '../errors.ts'

/** What can be done from the dashboard: each is the method of {@link Requeuest} of that name. */
export const DASHBOARD_ACTIONS = [
  'redrive',
  'cancel',
  'retarget',
  'reschedule',
  'release',
  'pause',
  'resume',
  'setLimits',
  'pauseSchedule',
  'resumeSchedule',
  'runSchedule',
] as const

/** An action: the method of `Requeuest` of that name. */
export type DashboardAction = (typeof DASHBOARD_ACTIONS)[number]

/** What a visitor may do: nothing at all, look, look and do some things, or everything. */
export type DashboardAccess = false | 'read' | readonly DashboardAction[] | 'full'

/** Something was done from the dashboard, or was tried. */
export interface DashboardActionEvent {
  action: DashboardAction
  /** Who did it: what `options.user` returned, or null. */
  user: string | null
  /** What it was done to: requests by their filter, or a channel, origin, line or schedule by its name. */
  target:
    | { requests: RequestFilter }
    | { channel: string }
    | { origin: string }
    | { line: { channel: string; key: string } }
    | { schedule: string }
  /** How many requests, channels, origins, lines or schedules were changed; before it ended, if it failed or was stopped. */
  changed: number
  /** `stopped` if the visitor stopped it. Finished batches stay. */
  result: 'done' | 'stopped' | 'failed'
}

/** Options of {@link createDashboard}. */
export interface DashboardOptions {
  /**
   * Decides for every page and every action, from the visitor's request. `native` is what {@link Dashboard.toNode} was called
   * with, such as Express' `req`, which may know the session.
   *
   * @example (request) => (hasAdminCookie(request) ? 'full' : false)
   */
  access: (request: Request, native: unknown) => DashboardAccess | Promise<DashboardAccess>
  /** The path under which the dashboard is reached, as the browser sees it: `/admin/requests`. @default '' */
  basePath?: string
  /** Who visits, for `onAction`. @default null */
  user?: (request: Request, native: unknown) => string | null | Promise<string | null>
  /** Is told of every action, for an audit log. What it throws is emitted as `error`, and changes nothing. @default none */
  onAction?: (event: DashboardActionEvent) => unknown
  /**
   * The origins under which the dashboard is reached: `https://admin.example.com`. Requests for other hosts are refused. Behind
   * a proxy that changes the host, or where a browser gets at the server by other names, it has to be given. @default any
   */
  origins?: readonly string[]
  /**
   * Whether visitors see bodies, each on demand: `hidden` never; `show` those that are not encrypted; `reveal` all.
   * @default 'hidden'
   */
  bodies?: 'hidden' | 'show' | 'reveal'
  /** How often an open page asks for what is new; 1 s to 1 h. @default '2s' */
  refresh?: Duration
}

export interface ResolvedDashboardOptions
  extends Required<Pick<DashboardOptions, 'access' | 'basePath' | 'user' | 'bodies'>> {
  onAction: NonNullable<DashboardOptions['onAction']>
  origins: readonly string[] | null
  refreshMs: number
}

const KEYS = ['access', 'basePath', 'user', 'onAction', 'origins', 'bodies', 'refresh'] as const

/** Throws {@link InvalidInputError} if an option is invalid. */
export function resolveDashboardOptions(options: DashboardOptions): ResolvedDashboardOptions {
  checkObject('options', options, "an object such as { access: (request) => (isAdmin(request) ? 'full' : false) }")
  checkKeys('options', options, KEYS)
  const {
    access,
    basePath = '',
    user = () => null,
    onAction = () => {},
    origins,
    bodies = 'hidden',
    refresh = '2s',
  } = options
  return {
    access: checkFunction('options.access', access),
    basePath: checkBasePath(basePath),
    user: checkFunction('options.user', user),
    onAction: checkFunction('options.onAction', onAction),
    origins: origins === undefined ? null : checkOrigins(origins),
    bodies: checkOneOf('options.bodies', bodies, ['hidden', 'show', 'reveal']),
    refreshMs: checkDuration('options.refresh', refresh, 1000, 3_600_000),
  }
}

function checkBasePath(path: unknown): string {
  if (path === '' || path === '/') return ''
  const isPath = typeof path === 'string' && /^(?:\/[\w.~-]+)+\/?$/.test(path)
  // Browsers take `.` and `..` away.
  if (isPath && !/\/\.{1,2}(?:\/|$)/.test(path)) return path.replace(/\/$/, '')
  throw new InvalidInputError('options.basePath', path, "a path such as '/admin/requests', or ''")
}

function checkOrigins(origins: unknown): string[] {
  if (!Array.isArray(origins)) throw new InvalidInputError('options.origins', hidden(origins), 'a list')
  return Array.from(origins, (origin: unknown, index) => {
    const url = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : null
    if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin
    throw new InvalidInputError(`options.origins[${index}]`, origin, "an origin such as 'https://admin.example.com'")
  })
}
