import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, vi } from 'vitest'
import { asAdmin } from '../../support/databases.ts'
import type { Project } from './project.ts'

const root = path.resolve(import.meta.dirname, '../../..')

/** What Prisma shows of a request that was accepted at its first attempt. */
export const delivered = { state: 'delivered', attempts: [{ number: 1, outcome: 'accepted', status: 200 }] }

const ATTEMPTS = `
  SELECT state, number, outcome FROM requeuest_request LEFT JOIN requeuest_attempt ON request_id = id
  WHERE channel = 'billing'`

/** The packaged migrations are all there, and `count` bills arrived and were accepted, at the first attempt each. */
export async function expectDelivered({ databaseUrl, receiver }: Project, count: number): Promise<void> {
  const { migrations, attempts } = await asAdmin(databaseUrl, async (client) => ({
    migrations: (await client.query('SELECT migration_name AS name FROM _prisma_migrations ORDER BY name')).rows,
    attempts: (await client.query(ATTEMPTS)).rows,
  }))
  const packaged = readdirSync(path.join(root, 'prisma/migrations')).filter((name) => name.includes('_requeuest_'))
  expect(migrations.map(({ name }) => withoutStamp(name))).toEqual(packaged.map(withoutStamp))
  expect(attempts).toEqual(Array(count).fill({ state: 'delivered', number: 1, outcome: 'accepted' }))
  const bills = receiver.requests.filter(({ method }) => method === 'POST')
  expect(bills.map(({ body }) => body.toString())).toEqual(Array(count).fill('{"cents":9900}'))
}

/** Waits for what a server that is not let end in peace could leave claimed. */
export async function waitUntilDelivered({ databaseUrl }: Project, count: number): Promise<void> {
  const attempts = () => asAdmin(databaseUrl, async (client) => (await client.query(ATTEMPTS)).rows)
  await vi.waitUntil(async () => (await attempts()).filter(({ state }) => state === 'delivered').length === count, {
    timeout: 20_000,
  })
}

function withoutStamp(name: string): string {
  return name.replace(/^\d+_/, '')
}
