import { stripVTControlCharacters } from 'node:util'
import Table from 'cli-table3'
import { oneLine, style } from './style.ts'

/** A cell; null is shown as nothing. A function gives a text with colours, which is none of somebody else's. */
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
  const widths = heads.map((head, column) => Math.max(head.length, ...texts.map((row) => widthOf(row[column] ?? ''))))
  const others = widths.reduce((sum, width, column) => sum + GAP.length + (column === flexible ? 0 : width), 0)
  const rest = (process.stdout.columns ?? Number.POSITIVE_INFINITY) - others
  const built = new Table({
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: heads.map((head) => style('bold', head)),
    colAligns: heads.map((_, column) => (rows.some((row) => typeof row[column] === 'number') ? 'right' : 'left')),
    colWidths: widths.map((width, column) => (column === flexible && width > rest ? Math.max(rest, NARROWEST) : null)),
  })
  built.push(...texts)
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
  if (typeof cell === 'function') return cell()
  if (cell instanceof Date) return cell.toISOString().replace(/\.\d+Z$/, 'Z')
  return typeof cell === 'number' ? cell.toLocaleString('en-US') : oneLine(cell).replaceAll(/\s+/g, ' ')
}

const widthOf = (text: string) => stripVTControlCharacters(text).length
