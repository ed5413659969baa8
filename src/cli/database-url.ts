import { EXIT } from './exit-codes.ts'
import { CliError } from './failure.ts'
import { findPrisma, loadPrismaConfig } from './prisma-config.ts'

/** Which database, and who said so. */
export interface DatabaseUrl {
  url: string
  from: string
}

const HINT = 'Mend it, or say which database with --database-url or REQUEUEST_DATABASE_URL.'

/**
 * Finds the URL of the database: from the option, `REQUEUEST_DATABASE_URL`, the datasource of `prisma.config.ts`, or
 * `DATABASE_URL`. The config is loaded only if neither of the first two is given, since it may fail where the app's own variables
 * are not set.
 */
export async function findDatabaseUrl(option: string | undefined, folder: string): Promise<DatabaseUrl> {
  const found =
    option !== undefined
      ? { url: option, from: '--database-url' }
      : (fromVariable('REQUEUEST_DATABASE_URL') ?? (await fromConfig(folder)) ?? fromVariable('DATABASE_URL'))
  if (!found) {
    throw new CliError(
      'No database is given: set --database-url, REQUEUEST_DATABASE_URL, the datasource of prisma.config.ts, or DATABASE_URL. ' +
        "A .env file is read only if prisma.config.ts does so (`import 'dotenv/config'`).",
      EXIT.usage,
    )
  }
  checkUrl(found)
  return found
}

function fromVariable(name: string): DatabaseUrl | undefined {
  const url = process.env[name]
  return url ? { url, from: name } : undefined
}

async function fromConfig(folder: string): Promise<DatabaseUrl | undefined> {
  // Without Prisma there is nobody to read a config, if there is one at all.
  if (findPrisma(folder) === undefined) return undefined
  const url = (await loadPrismaConfig(folder, HINT)).datasource?.url
  return url ? { url, from: 'prisma.config.ts' } : undefined
}

function checkUrl({ url, from }: DatabaseUrl): void {
  // The option of a shell's variable that is not set: another database may be meant than the one that would be found.
  if (url === '') throw new CliError(`${from} is empty.`, EXIT.usage)
  if (/^postgres(ql)?:\/\//.test(url)) return
  throw new CliError(
    `The URL from ${from} is not one of Postgres itself: it must begin with postgresql:// (not, for example, prisma+postgres://).`,
    EXIT.usage,
  )
}

/** The database as it may be shown: without password and options. */
export function nameOfDatabase({ url, from }: DatabaseUrl): string {
  const place = URL.canParse(url) ? new URL(url) : undefined
  const where = place ? `${place.pathname.slice(1) || 'default'} on ${place.host || 'this machine'}` : 'as given'
  return `${where} (from ${from})`
}
