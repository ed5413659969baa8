import Table from 'cli-table3'

/** What was run, on what, and what came of it. */
export interface Row {
  what: string
  postgres: string
  prisma: string
  runtime: string
  passed: number
  failed: number
  seconds: number
  /** The tests that failed, repeated below the table: what they printed is far above it. */
  failures?: string[]
  /** Why it was not run. */
  skipped?: string
}

export function format(rows: readonly Row[]): string {
  const table = new Table({ head: ['Postgres', 'Prisma', 'Runtime', 'What', 'Passed', 'Failed', 'Seconds'] })
  for (const { postgres, prisma, runtime, what, passed, failed, seconds, skipped } of rows) {
    const result = skipped ? [{ content: `skipped: ${skipped}`, colSpan: 3 }] : [passed, failed, seconds.toFixed(1)]
    table.push([postgres, prisma, runtime, what, ...result])
  }
  return [table.toString(), ...rows.flatMap(({ failures = [] }) => failures)].join('\n')
}

/** What came of a work that tells how many checks have passed, or throws. */
export async function tried(
  row: Omit<Row, 'passed' | 'failed' | 'seconds'>,
  work: () => Promise<number>,
): Promise<Row> {
  const began = performance.now()
  const result = await work().then(
    (passed) => ({ passed, failed: 0 }),
    (error) => {
      console.error(row, error)
      return { passed: 0, failed: 1, failures: [String(error.cause ?? error)] }
    },
  )
  return { ...row, ...result, seconds: (performance.now() - began) / 1000 }
}
