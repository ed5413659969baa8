import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createDatabase } from '../support/databases.ts'
import { startPostgres } from '../support/postgres.ts'
import { run } from '../support/run.ts'
import {
  isInstalled,
  nodes,
  type PostgresVersion,
  postgresName,
  postgresVersions,
  type Runtime,
  runtimes,
} from './packages.ts'
import { createProject, type Generator, generators, pack, prismaVersions } from './projects.ts'
import { type Row, tried } from './table.ts'

/** As many at once as the machine, which the receiver and the server share, has cores at least. */
const AT_ONCE = 2

interface Smoke {
  prisma: string
  generator: Generator
  runtime: Runtime
  postgres: PostgresVersion
}

/** Every combination, or so many that each Prisma and each runtime meets several versions of Postgres. */
function chooseSmokes(isFull: boolean, prismas: readonly string[]): Smoke[] {
  const all = prismas.flatMap((prisma) =>
    generators.flatMap((generator) => runtimes.map((runtime) => ({ prisma, generator, runtime }))),
  )
  const possible = all.filter(({ generator, runtime }) => runtime.isNode || generator === 'prisma-client')
  const isUsual = ({ prisma, generator, runtime }: Omit<Smoke, 'postgres'>) =>
    runtime.isNode ? generator === 'prisma-client' || runtime === nodes[22] : prisma === prismaVersions[0]
  if (isFull) return possible.flatMap((one) => postgresVersions.map((postgres) => ({ ...one, postgres })))
  return possible
    .filter(isUsual)
    .map((one, at) => ({ ...one, postgres: postgresVersions[at % postgresVersions.length] }))
}

/** Runs the smoke program in projects that have installed the packed package. */
export async function runSmokes(isFull: boolean, prismas: readonly string[]): Promise<Row[]> {
  const home = mkdtempSync(path.join(tmpdir(), 'requeuest-matrix-'))
  const servers = new Map<PostgresVersion, Awaited<ReturnType<typeof startPostgres>>>()
  try {
    const packed = await pack(home)
    const created = await Promise.allSettled(prismas.map((version) => createProject(home, packed, version)))
    // Only now, so that nobody still writes to what is removed below.
    for (const project of created) if (project.status === 'rejected') throw project.reason
    for (const version of postgresVersions) {
      servers.set(version, await startPostgres({ fsync: 'off' }, undefined, version ?? ''))
    }
    const rows: Row[] = []
    const next = chooseSmokes(isFull, prismas).entries()
    const work = async () => {
      for (const [number, smoke] of next) {
        const url = servers.get(smoke.postgres)?.url ?? ''
        rows[number] = await runSmoke(
          path.join(home, smoke.prisma),
          smoke,
          await createDatabase(url, `smoke_${number}`),
        )
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    return rows
  } finally {
    await Promise.all([...servers.values()].map((server) => server.stop()))
    rmSync(home, { recursive: true })
  }
}

async function runSmoke(folder: string, { prisma, generator, runtime, postgres }: Smoke, url: string): Promise<Row> {
  const row = {
    what: 'smoke program',
    postgres: postgresName(postgres),
    prisma: `${prisma} ${generator}`,
    runtime: runtime.name,
  }
  if (!isInstalled(runtime)) return { ...row, passed: 0, failed: 0, seconds: 0, skipped: 'not on this platform' }
  const [program, ...args] = runtime.command
  return tried(row, async () => {
    const printed = await run(folder, program, [...args, `dist/${generator}.js`], { DATABASE_URL: url })
    return JSON.parse(printed).passed
  })
}
