import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDatabase } from '../support/databases.ts'
import { startPostgres } from '../support/postgres.ts'
import { run } from '../support/run.ts'
import {
  isInstalled,
  type PostgresVersion,
  postgresName,
  postgresVersions,
  type Runtime,
  runtimes,
} from './packages.ts'
import { createProject, type PrismaSetup, pack, setups } from './projects.ts'
import type { Row } from './table.ts'

/** As many at once as the machine, which the receiver and the server share, has cores at least. */
const AT_ONCE = 2

interface Smoke {
  setup: PrismaSetup
  folder: string
  runtime: Runtime
  postgres: PostgresVersion
}

/**
 * Runs the smoke program with each Prisma in each runtime: on every Postgres, or each pair on one of them, so that each
 * Prisma and each runtime meets every Postgres.
 */
export async function runSmokes(isFull: boolean): Promise<Row[]> {
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-matrix-'))
  const servers = new Map<PostgresVersion, Awaited<ReturnType<typeof startPostgres>>>()
  try {
    const packed = await pack(home)
    const folders = await Promise.all(setups.map((setup) => createProject(home, packed, setup)))
    for (const version of postgresVersions) {
      servers.set(version, await startPostgres({ fsync: 'off' }, undefined, version ?? ''))
    }
    const smokes = setups.flatMap((setup, at) =>
      runtimes.flatMap((runtime, by) => {
        const chosen = isFull ? postgresVersions : [postgresVersions[(at + by) % postgresVersions.length]]
        return chosen.map((postgres): Smoke => ({ setup, folder: folders[at] as string, runtime, postgres }))
      }),
    )
    const rows: Row[] = []
    const next = smokes.entries()
    const work = async () => {
      for (const [number, smoke] of next) {
        const url = servers.get(smoke.postgres)?.url ?? ''
        rows[number] = await runSmoke(smoke, await createDatabase(url, `smoke_${number}`))
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return rows
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()))
    rmSync(home, { recursive: true })
  }
}

async function runSmoke({ setup, folder, runtime, postgres }: Smoke, url: string): Promise<Row> {
  const row = {
    what: 'smoke program',
    postgres: postgresName(postgres),
    prisma: `${setup.version} ${setup.generator}`,
    runtime: runtime.name,
  }
  if (!isInstalled(runtime)) return { ...row, passed: 0, failed: 0, seconds: 0, skipped: 'not on this platform' }
  const [program, ...args] = runtime.command
  const began = performance.now()
  const seconds = () => (performance.now() - began) / 1000
  try {
    const { passed } = JSON.parse(await run(folder, program, [...args, 'dist/smoke.js'], { DATABASE_URL: url }))
    return { ...row, passed, failed: 0, seconds: seconds() }
  } catch (error) {
    console.error(row, error)
    return { ...row, passed: 0, failed: 1, seconds: seconds() }
  }
}
