/** As many as the pools of `pg` and Prisma have unless they are told otherwise. */
const POOL_SIZE = 10

/** Takes so long that no connection can serve two of them. */
export const A_MOMENT = 'SELECT pg_sleep(0.05)::text'

/** Opens all the connections of a pool: it makes a new one for each query that finds none free. */
export async function openConnections(query: () => Promise<unknown>): Promise<void> {
  await Promise.all(Array.from({ length: POOL_SIZE }, query))
}
