import { METRICS, type MetricName } from '../telemetry/metrics.ts'

export type LabelSet = Readonly<Record<string, string | undefined>>

/** The name that Prometheus has for it, as OpenTelemetry's exporters make it too: of `requeuest.queue.wait`, `requeuest_queue_wait_seconds`. */
export function prometheusName(name: MetricName): string {
  const { kind, unit } = METRICS[name]
  return `${name.replaceAll('.', '_')}${unit === 's' ? '_seconds' : ''}${kind === 'counter' ? '_total' : ''}`
}

export function header(name: MetricName): string {
  const { kind, description } = METRICS[name]
  const title = prometheusName(name)
  return `# HELP ${title} ${escapeText(description)}\n# TYPE ${title} ${kind}\n`
}

export function line(name: string, labels: LabelSet, value: number): string {
  const pairs = Object.entries(labels).flatMap(([label, text]) =>
    text === undefined ? [] : [`${label}="${escapeText(text).replaceAll('"', '\\"')}"`],
  )
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}\n`
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}
