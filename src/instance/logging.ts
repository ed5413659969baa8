import type { RequeuestEventName, RequeuestEvents } from '../events/event.ts'
import type { Events } from '../events/events.ts'
import type { LoggerLike, LogLevel } from '../options/logger.ts'

/** The line of an event; its fields are those of the event unless it says so. */
interface Line<N extends RequeuestEventName> {
  level: LogLevel
  message: (event: RequeuestEvents[N]) => string
  fields?: (event: RequeuestEvents[N]) => object
}

/** What somebody has to know who runs it. What happens to every request is not among that. */
const LINES: { [N in RequeuestEventName]?: Line<N> } = {
  failed: { level: 'warn', message: ({ failureCode }) => `A request failed: ${failureCode}` },
  rescued: { level: 'warn', message: ({ workerId }) => `A request was taken back from ${workerId}` },
  claimLost: { level: 'warn', message: () => 'An attempt ended after its claim was lost' },
  originPaused: { level: 'warn', message: ({ origin }) => `${origin} asked to wait` },
  breakerOpened: { level: 'warn', message: ({ origin }) => `The breaker of ${origin} opened` },
  breakerClosed: { level: 'info', message: ({ origin }) => `The breaker of ${origin} closed` },
  warning: { level: 'warn', message: ({ message }) => message, fields: () => ({}) },
  // Not the error itself: its cause may be of somebody else, and show values of a statement.
  error: { level: 'error', message: ({ message }) => message, fields: ({ code }) => ({ code }) },
}

/** Writes one line for each event that an operator should know of. */
export function logEvents(events: Events, given: LoggerLike): void {
  const logger = given === console ? consoleLines : given
  const log = <N extends RequeuestEventName>(name: N, { level, message, fields }: Line<N>) =>
    events.on(name, (event) => logger[level]({ event: name, ...(fields ? fields(event) : event) }, message(event)))
  for (const [name, line] of Object.entries(LINES)) log(name as 'failed', line as Line<'failed'>)
}

/** It would write an object on several lines. */
const consoleLines: LoggerLike = {
  info: (fields, message) => console.info(onOneLine(fields, message)),
  warn: (fields, message) => console.warn(onOneLine(fields, message)),
  error: (fields, message) => console.error(onOneLine(fields, message)),
}

/** Rows that were written by hand have names with line breaks, which would read as lines of their own. */
function onOneLine(fields: object, message: string): string {
  return `requeuest: ${message} ${JSON.stringify(fields)}`.replaceAll(/[\p{Cc}\u2028\u2029]/gu, ' ')
}
