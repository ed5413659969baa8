import { parseArgs } from 'node:util'

export const USAGE = `Usage: npm run demo [-- <url>…]

Without a URL a receiver on this machine refuses three times before it accepts. With URLs a GET goes to each of them.
DATABASE_URL, when set, names the Postgres database to use; otherwise the demo starts one and removes it again.`

/** The command line is invalid. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

export interface DemoArguments {
  help: boolean
  urls: URL[]
  /** Undefined if the demo starts its own database. */
  databaseUrl: string | undefined
}

export function readArguments(args: string[], environment: NodeJS.ProcessEnv): DemoArguments {
  const { DATABASE_URL } = environment
  const { values, positionals } = parse(args)
  return {
    help: values.help,
    urls: positionals.map(readUrl),
    databaseUrl: DATABASE_URL ? checkDatabaseUrl(DATABASE_URL) : undefined,
  }
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h', default: false } },
    })
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error })
  }
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url && ['http:', 'https:'].includes(url.protocol)) return url
  throw new UsageError(`"${text}" is not an absolute http or https URL.`)
}

function checkDatabaseUrl(text: string): string {
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return text
  throw new UsageError('DATABASE_URL is not a URL such as postgresql://user:password@localhost:5432/database.')
}
