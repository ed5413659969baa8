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
  /** Why it was not run. */
  skipped?: string
}

export function format(rows: readonly Row[]): string {
  const table = new Table({ head: ['Postgres', 'Prisma', 'Runtime', 'What', 'Passed', 'Failed', 'Seconds'] })
  for (const { postgres, prisma, runtime, what, passed, failed, seconds, skipped } of rows) {
    const result = skipped ? [{ content: `skipped: ${skipped}`, colSpan: 3 }] : [passed, failed, seconds.toFixed(1)]
    table.push([postgres, prisma, runtime, what, ...result])
  }
  return table.toString()
}

/** What came of a work that tells how many checks have passed, or throws. */
export async function tried(
  row: Omit<Row, 'passed' | 'failed' | 'seconds'>,
  work: () => Promise<number>,
): Promise<Row> {
  const began = performance.now()
  const [passed, failed] = await work().then(
    (checks) => [checks, 0] as const,
    (error) => {
      console.error(row, error)
      return [0, 1] as const
    },
  )
  return { ...row, passed, failed, seconds: (performance.now() - began) / 1000 }
}
