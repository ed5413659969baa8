import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { parse as parseYaml } from 'yaml'
import { prometheusName } from '../../src/prometheus/exposition.ts'
import { prometheus } from '../../src/prometheus/index.ts'
import { METRICS, type MetricName } from '../../src/telemetry/metrics.ts'
import { labelsOf, parse } from '../prometheus/text.ts'
import { createRequeuest, useDatabase } from '../support/fixture.ts'
import { haveAllHappen } from './scenario.ts'

const database = useDatabase()

const read = (file: string) => readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')

/** What is emitted when all that is measured has happened, with origins as a label: names with their labels. */
async function emitted(): Promise<Map<string, Set<string>>> {
  const requeuest = createRequeuest(database.prisma, { breaker: false })
  const metrics = prometheus(requeuest, { depth: true, origins: ['https://listed.example'] })
  await haveAllHappen(database.prisma, requeuest)
  const shown = async () => labelsOf(parse(await (await metrics(new Request('http://localhost/'))).text()))
  const expected = Object.values(METRICS).filter(({ kind }) => kind !== 'histogram').length
  return vi.waitFor(async () => {
    const found = await shown()
    expect(found.size).toBeGreaterThan(expected)
    expect(found.has('requeuest_finished_total')).toBe(true)
    return found
  })
}

/** What an expression names: each metric with the labels of its matchers and of all groupings around it. */
function usedIn(expression: string): [metric: string, labels: string[]][] {
  const groupings = [...expression.matchAll(/\b(?:by|without) \(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(/,\s*/),
  )
  return Array.from(expression.matchAll(/(requeuest_\w+)(?:\{([^}]*)\})?/g), ([, metric = '', matchers = '']) => {
    const matched = Array.from(matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g), ([, label = '']) => label)
    return [metric, [...matched, ...groupings]]
  })
}

/** The labels that a text for people fills in. */
const shownIn = (text: string) =>
  Array.from(text.matchAll(/\{\{\s*(?:\$labels\.)?([a-z_]+)\s*\}\}/g), ([, label = '']) => label)

interface Panel {
  title: string
  targets?: { expr: string; legendFormat: string }[]
}

function queries(): { where: string; expression: string; shown: string[] }[] {
  const dashboard: { panels: Panel[] } = JSON.parse(read('telemetry/grafana.json'))
  const panels = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ where: title, expression: expr, shown: shownIn(legendFormat) })),
  )
  const { groups } = parseYaml(read('telemetry/alerts.yaml'))
  const rules = groups[0].rules.map((rule: { alert: string; expr: string; annotations: Record<string, string> }) => {
    return { where: rule.alert, expression: rule.expr, shown: shownIn(Object.values(rule.annotations).join('\n')) }
  })
  return [...panels, ...rules]
}

test('the Grafana dashboard and the alert rules name only metrics and labels that are emitted', {
  timeout: 30_000,
}, async () => {
  const found = await emitted()
  const all = queries()
  expect(all.length).toBeGreaterThan(30)
  for (const { where, expression, shown } of all) {
    const used = usedIn(expression)
    expect(used.length, where).toBeGreaterThan(0)
    for (const [metric, labels] of used) {
      expect([...found.keys()], where).toContain(metric)
      for (const label of [...labels, ...shown])
        expect([...(found.get(metric) ?? [])], `${where}: ${metric}`).toContain(label)
    }
    // What is shown has to be left by the grouping.
    for (const label of shown) expect(expression, where).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`))
  }
  const named = new Set(
    all.flatMap(({ expression }) => usedIn(expression).map(([metric]) => metric.replace(/_bucket$/, ''))),
  )
  const shownNames = Object.keys(METRICS).map((name) => prometheusName(name as MetricName))
  expect(shownNames.filter((name) => !named.has(name))).toEqual(['requeuest_queue_estimates'])
})

test('the page about telemetry has each metric with its names, kind, unit, labels and meaning', () => {
  const rows = Object.entries(METRICS).map(([name, { kind, unit, labels, description }]) => {
    const list = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | \`${prometheusName(name as MetricName)}\` | ${kind} | \`${unit}\` | ${list} | ${description} |`
  })
  const listed = read('telemetry.md')
    .split('\n')
    .filter((line) => line.startsWith('| `requeuest.') && line.split('|').length === 8)
  expect(listed).toEqual(rows)
})
