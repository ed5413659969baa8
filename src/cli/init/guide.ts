import type { DatabaseSchema } from './database-schema.ts'

interface Situation {
  request: { name: string; path: string }
  databaseSchema: DatabaseSchema | undefined
  connectionSchema: string
}

/** What is left for the user to do after `init` has written something. */
export function howToGoOn({ request, databaseSchema, connectionSchema }: Situation): string {
  const guide = `How to go on:
  1. To tie a model of yours to its request, here an Order, give it

       requestId String?      @unique @db.Uuid
       request   ${request.name}? @relation(fields: [requestId], references: [id])

     and add the other side, which Prisma wants, to model ${request.name} in ${request.path}
     (\`requeuest init\` keeps it):

       order Order?

  2. npx prisma migrate dev        (in production: npx prisma migrate deploy; needs PostgreSQL 14 or later)
  3. npx prisma generate`
  if (databaseSchema || connectionSchema === 'public') return guide
  return `${guide}
  4. The URL in prisma.config.ts leads Prisma's commands to the Postgres schema ${JSON.stringify(connectionSchema)}. The adapter
     does not read that from a URL, so tell it as well:

       new PrismaPg({ connectionString }, { schema: ${JSON.stringify(connectionSchema)} })`
}

/** Where the tables go in a project whose datasource lists Postgres schemas. */
export function whereTablesGo({ name, listed, isGuess }: DatabaseSchema): string {
  const others = listed.filter((other) => other !== name).map((other) => JSON.stringify(other))
  const choice = isGuess && others.length > 0 ? ` --database-schema puts them elsewhere: ${others.join(', ')}.` : ''
  return `The tables go to the Postgres schema ${JSON.stringify(name)}.${choice}`
}
