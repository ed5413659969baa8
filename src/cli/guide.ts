/** What is left for the user to do after `init` has written something. */
export function howToGoOn(request: { name: string; path: string }): string {
  return `How to go on:
  1. To tie a model of yours to its request, here an Order, give it

       requestId String?      @unique @db.Uuid
       request   ${request.name}? @relation(fields: [requestId], references: [id])

     and add the other side, which Prisma wants, to model ${request.name} in ${request.path}
     (\`requeuest init\` keeps it):

       order Order?

  2. npx prisma migrate dev        (in production: npx prisma migrate deploy; needs PostgreSQL 14 or later)
  3. npx prisma generate`
}
