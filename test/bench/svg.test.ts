import { expect, it } from 'vitest'
import { barChart } from '../../bench/harness/svg.ts'

const bar = { label: 'A & B', value: 50, min: 40, max: 100, note: 'a <note>', ours: true }
const other = { label: 'C', value: 25, min: 25, max: 25, note: '', ours: false }

it('the bar chart draws bars to the scale of the longest range, and escapes what it is told', () => {
  const svg = barChart('Chart', [{ title: 'Group', bars: [bar, other] }], 'foot')
  const widths = [...svg.matchAll(/<rect class="bar[^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width))
  const [range] = [...svg.matchAll(/<line [^>]*x1="([\d.]+)"[^>]*x2="([\d.]+)"/g)].map(
    ([, from, to]) => Number(to) - Number(from),
  )
  expect(widths[0]).toBe(widths[1]! * 2)
  expect(range).toBeCloseTo(widths[0]! * 1.2)
  expect(svg).toContain('A &amp; B')
  expect(svg).toContain('a &lt;note&gt;')
  expect(svg.match(/class="bar ours"/g)).toHaveLength(1)
})

it('the bar chart makes room for each group', () => {
  const height = (groups: number) => {
    const svg = barChart(
      'Chart',
      Array.from({ length: groups }, () => ({ title: 'Group', bars: [bar] })),
      'foot',
    )
    return Number(/viewBox="0 0 \d+ (\d+)"/.exec(svg)?.[1])
  }
  expect(height(3) - height(2)).toBe(height(2) - height(1))
  expect(height(2)).toBeGreaterThan(height(1))
})
