import Table from 'cli-table3'
import { printable, style } from './style.ts'

/** A cell; null is shown as nothing. A function has its text already, with colours. */
export type Cell = string | number | null | undefined | Date | (() => string)

interface TableOptions {
  /** The column that is cut off where the terminal is too narrow. */
  flexible?: number
  /** What to say if there are no rows. */
  empty: string
}

const GAP = '  '
const NARROWEST = 16

/** Rows below their heads, without lines. Numbers are on the right. */
export function table(heads: readonly string[], rows: readonly Cell[][], { flexible, empty }: TableOptions): string {
  if (rows.length === 0) return empty
  const texts = rows.map((row) => row.map(textOf))
  const widths = heads.map((head, column) => Math.max(head.length, ...texts.map((row) => (row[column] ?? '').length)))
  const room = (process.stdout.columns ?? Number.POSITIVE_INFINITY) - 1 - (heads.length - 1) * GAP.length
  const rest =
    flexible === undefined
      ? 0
      : room - widths.reduce((sum, width, column) => sum + (column === flexible ? 0 : width), 0)
  const built = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: heads.map((head) => style('bold', head)),
    colAligns: heads.map((_, column) => (rows.every((row) => typeof row[column] === 'number') ? 'right' : 'left')),
    colWidths: heads.map((_, column) =>
      column === flexible && (widths[column] ?? 0) > rest ? Math.max(rest, NARROWEST) : null,
    ),
  })
  built.push(...rows.map((row) => row.map((cell) => (typeof cell === 'function' ? cell() : textOf(cell)))))
  return built
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}

const LINES = ['top', 'bottom', 'left', 'right', 'mid'] as const
const NO_LINES = {
  ...Object.fromEntries(
    LINES.flatMap((place) => [place, `${place}-mid`, `${place}-left`, `${place}-right`].map((name) => [name, ''])),
  ),
  middle: GAP,
}

function textOf(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (cell instanceof Date) return cell.toISOString().replace('.000Z', 'Z')
  if (typeof cell === 'function') return stripped(cell())
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : printable(cell).replaceAll(/\s+/g, ' ')
}

function stripped(text: string): string {
  return text.replaceAll(/\u{1b}\[[\d;]*m/gu, '')
}
