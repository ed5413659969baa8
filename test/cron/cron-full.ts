import fc from 'fast-check'
import { compare, expressions, type Window, windows, years } from './cron-property.ts'

/*
 * What test/cron/cron.test.ts looks at in short, at full size: 10 000 expressions around every change of the clocks in 20
 * zones, and 500 of them through the whole year in each.
 */
const SEED = Number(process.argv[2] ?? Date.now() % 1_000_000)
const ALL = 10_000
const WHOLE_YEAR = 500

// Some of the simple ones come more than once.
const generated = [...new Set(fc.sample(expressions, { seed: SEED, numRuns: 1.3 * ALL }))].slice(0, ALL)
const wrong: string[] = []

function look(some: readonly string[], window: Window): void {
  for (const expression of some) {
    const problem = compare(expression, window)
    if (problem !== null) wrong.push(problem)
  }
}

console.log(`seed ${SEED}: ${generated.length} expressions`)
for (const window of windows()) look(generated, window)
console.log(`around the changes: ${wrong.length} wrong`)
for (const window of years()) {
  look(generated.slice(0, WHOLE_YEAR), window)
  console.log(`${window.zone}: ${wrong.length} wrong`)
}
for (const problem of wrong.slice(0, 20)) console.log(problem)
process.exitCode = wrong.length > 0 ? 1 : 0
