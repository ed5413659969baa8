/** One bar: a value, how far it reached, and what stands behind it. */
interface Bar {
  label: string
  value: number
  min: number
  max: number
  note: string
  /** Drawn in the stronger colour. */
  ours: boolean
}

export interface BarGroup {
  title: string
  bars: readonly Bar[]
}

const WIDTH = 880
const LABEL_WIDTH = 230
const BAR_WIDTH = 300
const BAR_HEIGHT = 18
const ROW = 28
const TITLE_ROW = 40
const HEADER = 40
const FOOTER = 30
const MARGIN = 16

/** The chart brings its own paper, so it can be read wherever it is shown; a viewer that knows says whether it is dark. */
const STYLE = `
  .paper { fill: #ffffff }
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 }
  .group { font-weight: 600 }
  .faint { fill: #59636e; font-size: 12px }
  .bar { fill: #8b949e }
  .ours { fill: #2f81f7 }
  .range { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .paper { fill: #0d1117 }
    text { fill: #e6edf3 }
    .faint { fill: #9198a1 }
    .range { stroke: #e6edf3 }
  }`

/** A chart of horizontal bars with their ranges, one group below the other. Each group has a scale of its own. */
export function barChart(title: string, groups: readonly BarGroup[], footer: string): string {
  const rows: string[] = []
  let y = HEADER
  for (const group of groups) {
    rows.push(text(0, y + 12, group.title, 'group'))
    y += TITLE_ROW - BAR_HEIGHT
    const most = Math.max(...group.bars.map((bar) => bar.max), Number.MIN_VALUE)
    for (const bar of group.bars) {
      rows.push(barRow(bar, y, BAR_WIDTH / most))
      y += ROW
    }
    y += TITLE_ROW - ROW
  }
  const height = y + FOOTER
  const paper = { width: WIDTH + 2 * MARGIN, height: height + 2 * MARGIN }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${paper.width} ${paper.height}" role="img">`,
    `<title>${escapeXml(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<rect class="paper" width="${paper.width}" height="${paper.height}" rx="6"/>`,
    `<g transform="translate(${MARGIN} ${MARGIN})">`,
    text(0, 20, title, 'title'),
    ...rows,
    text(0, height - 8, footer, 'faint'),
    '</g>',
    '</svg>\n',
  ].join('\n')
}

function barRow({ label, value, min, max, note, ours }: Bar, y: number, scale: number): string {
  const middle = y + BAR_HEIGHT / 2
  const at = (number: number) => round(LABEL_WIDTH + number * scale)
  return [
    text(0, y + 14, label),
    `<rect class="bar${ours ? ' ours' : ''}" x="${LABEL_WIDTH}" y="${y}" width="${round(value * scale)}" height="${BAR_HEIGHT}" rx="2"/>`,
    `<line class="range" x1="${at(min)}" y1="${middle}" x2="${at(max)}" y2="${middle}"/>`,
    text(at(max) + 8, y + 14, note, 'faint'),
  ].join('\n')
}

function text(x: number, y: number, content: string, style?: string): string {
  return `<text${style ? ` class="${style}"` : ''} x="${x}" y="${y}">${escapeXml(content)}</text>`
}

function round(number: number): number {
  return Math.round(number * 10) / 10
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
