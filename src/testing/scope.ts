import { checkKeys, checkObject } from '../check/check.ts'
import { RequeuestError } from '../errors.ts'
import type { Context } from '../instance/context.ts'
import { contextOf } from '../instance/controls.ts'
import { checkChannels } from '../options/spawn.ts'
import type { Requeuest } from '../requeuest.ts'
import { checkDatabaseName } from './guard.ts'
import type { Receiver } from './receiver.ts'

/** Options of {@link testing}. */
export interface TestingOptions {
  /**
   * The channels to look at, to send from, to move in time and to reset. Tests that run at the same time in one database need
   * channels of their own. @default 'all'
   */
  channels?: readonly string[] | 'all'
  /** Receivers that `reset()` resets, and that are closed with the kit. @default none */
  receivers?: readonly Receiver[]
  /** The name of the database, if it does not say that it is one for tests: only with it may rows be changed. @default none */
  database?: string
}

/** What a test works with. */
export interface Scope {
  requeuest: Requeuest
  context: Context
  /** Null for all. */
  channels: readonly string[] | null
  receivers: readonly Receiver[]
  /** The one that may be changed whatever its name says. */
  database: string | undefined
}

/** Throws {@link InvalidInputError} if it is no instance, or an option is invalid. */
export function resolveScope(requeuest: Requeuest, options: TestingOptions): Scope {
  const context = contextOf(requeuest)
  checkObject('options', options)
  checkKeys('options', options, ['channels', 'receivers', 'database'])
  const { channels = 'all', receivers = [], database } = options
  return {
    requeuest,
    context,
    channels: channels === 'all' ? null : checkChannels('options.channels', channels),
    receivers,
    database: checkDatabaseName('options.database', database),
  }
}

/** Throws {@link RequeuestError} if the instance was started: its worker would send what a test is about to. */
export function checkIsStopped({ context }: Scope): void {
  if (!context.running) return
  const message = 'A test that drains sends by itself: do not start() the instance, or stop() it first.'
  throw new RequeuestError('already_started', message)
}
