import { type Command, Option } from 'commander'
import type { ControlTarget } from '../control/target.ts'
import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'

export interface ScopeOptions {
  channel?: string
  origin?: string
}

/** Adds the options that name a channel or an origin. */
export function withScope(command: Command): Command {
  return command
    .addOption(new Option('--channel <name>', 'a channel').conflicts('origin'))
    .option('--origin <url>', 'an origin: the scheme, host and port of a URL')
}

/** @throws {@link CliError} if neither is given */
export function scopeOf({ channel, origin }: ScopeOptions): ControlTarget {
  if (channel !== undefined) return { channel }
  if (origin !== undefined) return { origin }
  throw new CliError('Say what: --channel billing, or --origin https://api.example.com.', EXIT.usage)
}

/** As a sentence has it. */
export function nameOfScope({ channel, origin }: ScopeOptions): string {
  return channel === undefined ? `the origin ${origin}` : `the channel ${channel}`
}
