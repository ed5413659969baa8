import { type Command, InvalidArgumentError } from 'commander'
import type { HeaderPairs } from '../../message/message.ts'
import { changeOutcome } from '../change-outcome.ts'
import { onDatabase } from '../database-command.ts'

interface Options {
  url?: string
  header?: HeaderPairs
}

export function retargetCommand(program: Command): void {
  const command = program
    .command('retarget')
    .description('Send a request to another URL or with other headers from its next attempt on.')
    .argument('<id>', 'the id of the request')
    .option('--url <url>', 'the new URL')
    .option(
      '--header <line>',
      "a header such as 'x-team: billing'; may be repeated. They replace all headers",
      toHeader,
    )
  onDatabase<Options, [string]>(command, async ({ requeuest }, { url, header }, id) => {
    const target = { ...(url !== undefined && { url }), ...(header !== undefined && { headers: header }) }
    const result = await requeuest.retarget(id, target)
    return changeOutcome(id, result, 'retargeted', 'what is delivered is not sent again')
  })
}

function toHeader(line: string, previous: HeaderPairs = []): HeaderPairs {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(line) ?? []
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError("It must be a line such as 'x-team: billing'.")
  return [...previous, [name, value]]
}
