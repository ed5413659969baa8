import Table from 'cli-table3'
import type { Verdict } from './checker.ts'
import type { History } from './lab/history.ts'
import { FAULT_KINDS } from './nemesis/kinds.ts'
import type { Measured } from './scenarios/measured.ts'

const SHOWN = 20

/** What came of a run, to be read. */
export function describeRun(seed: number, { faults }: History, { totals, findings, violations }: Verdict): string {
  const struck = FAULT_KINDS.map((kind) => `${kind} ${faults.filter((fault) => fault.kind === kind).length}`)
  const queue = Object.entries(totals).map(([name, ids]) => `${name} ${ids.length}`)
  const table = new Table({
    head: ['', 'invariant', 'figures', 'violations'],
    style: { head: [], border: [] },
    colAligns: ['left', 'left', 'left', 'right'],
    colWidths: [5, 50, 45, 12],
    wordWrap: true,
  })
  for (const { invariant, title, figures, violations } of findings) {
    table.push([invariant, title, inWords(figures), violations.length])
  }
  const lines = [`seed ${seed}`, `faults: ${struck.join(', ')}`, `queue: ${queue.join(', ')}`, table.toString()]
  return [...lines, ...violations.slice(0, SHOWN)].join('\n')
}

export function describeMeasured({ name, figures, violations }: Measured): string {
  return [`${name}: ${inWords(figures)}, violations ${violations.length}`, ...violations.slice(0, SHOWN)].join('\n')
}

function inWords(figures: Record<string, number>): string {
  return Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure}`)
    .join(', ')
}
