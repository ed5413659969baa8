import type { Command } from 'commander'
import type { FoundRequest } from '../../results/find.ts'
import { onDatabase, toCount } from '../database-command.ts'
import { CliError } from '../failure.ts'

interface Options {
  attempts: number
  before?: number
  bodies?: true
  reveal?: true
}

export function showCommand(program: Command): void {
  const command = program
    .command('show')
    .description('Show a request with its attempts.')
    .argument('<id>', 'the id of the request')
    .option('--attempts <number>', 'how many of its last attempts', toCount, 20)
    .option('--before <number>', 'only attempts before this one', toCount)
    .option('--bodies', 'print bodies as well')
    .option('--reveal', 'decrypt with the keys of requeuest.config.ts, and show the values of headers that are hidden')
  onDatabase<Options, [string]>(command, async ({ db }, { attempts, before, bodies, reveal }, given) => {
    const [{ find }, { closedVault, vaultOf }, { loadApp }, { redactHeaders }, { withDatabaseErrors }, { checkId }] =
      await Promise.all([
        import('../../results/find.ts'),
        import('../vaults.ts'),
        import('../app.ts'),
        import('../../message/redact.ts'),
        import('../../store/db.ts'),
        import('../../options/spawn.ts'),
      ])
    const id = checkId(given)
    const vault = reveal ? vaultOf(await loadApp(process.cwd())) : closedVault
    const hide: Parameters<typeof find>[4] = (headers) => (reveal ? headers : redactHeaders(headers, []))
    const found = await withDatabaseErrors(() => find(db, vault, id, { last: attempts, before: before ?? null }, hide))
    if (found === null) throw new CliError(`There is no request ${id}.`)
    return {
      data: bodies ? found : withoutBodies(found),
      text: async () => (await import('../show-text.ts')).showText(found, bodies ?? false),
    }
  })
}

function withoutBodies({ body: _, ...request }: FoundRequest): object {
  return { ...request, attempts: request.attempts.map(({ body: _, ...attempt }) => attempt) }
}
