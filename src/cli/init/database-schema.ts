import { CliError } from '../failure.ts'

/** The Postgres schema that the tables go to in a project whose datasource lists several, and what was to choose from. */
export interface DatabaseSchema {
  name: string
  listed: string[]
  /** Whether nobody has said so yet, neither on the command line nor by models that are there. */
  isGuess: boolean
}

/**
 * Chooses from the schemas that the datasource lists; undefined if it lists none, since the tables then go where the
 * connection leads.
 *
 * @param asked - what the user asks for
 * @param present - where the models are already
 */
export function chooseDatabaseSchema(
  listed: string[],
  asked: string | undefined,
  present: string | undefined,
): DatabaseSchema | undefined {
  if (asked !== undefined && !listed.includes(asked)) throw notListed(asked, listed)
  if (asked !== undefined && present !== undefined && asked !== present) {
    throw new CliError(
      `Requeuest's models are in the Postgres schema "${present}" already, as their \`@@schema\` says, so their ` +
        `migrations cannot go to "${asked}": leave --database-schema out.`,
    )
  }
  const name = asked ?? present ?? (listed.includes('public') ? 'public' : listed[0])
  return name === undefined ? undefined : { name, listed, isGuess: asked === undefined && present === undefined }
}

function notListed(asked: string, listed: string[]): CliError {
  if (listed.length > 0) {
    const names = listed.map((name) => `"${name}"`).join(', ')
    return new CliError(
      `The datasource does not list the Postgres schema "${asked}", only ${names}: add it to \`schemas\`.`,
    )
  }
  return new CliError(
    `The datasource lists no Postgres schemas, so none can be chosen with --database-schema: give it ` +
      `\`schemas = ["public", "${asked}"]\` and each model of yours its \`@@schema\`. To have all tables in "${asked}", add ` +
      `\`?schema=${asked}\` to the URL in prisma.config.ts instead.`,
  )
}

/** What a migration begins with that is to go to a schema of its own, wherever the connection leads. */
export function migrationOpening({ name }: DatabaseSchema): string {
  const literal = `'${name.replaceAll("'", "''")}'`
  return `-- Brings the rest of this migration, and nothing else, to the schema that its models name with @@schema.
DO $requeuest$ BEGIN
  IF to_regnamespace(quote_ident(${literal})) IS NULL THEN EXECUTE format('CREATE SCHEMA %I', ${literal}); END IF;
  PERFORM set_config('search_path', quote_ident(${literal}), true);
END $requeuest$;

`
}
