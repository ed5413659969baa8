import { checkKeys, checkObject } from '../check/check.ts'
import type { Requeuest } from '../requeuest.ts'
import { measure } from '../telemetry/measure.ts'
import { type HistogramName, METRICS, type MetricName } from '../telemetry/metrics.ts'
import { MEASURE_KEYS, type MeasureOptions, resolveMeasureOptions } from '../telemetry/options.ts'
import type { Sample } from '../telemetry/samples.ts'
import { Distributions } from './distributions.ts'
import { header, line, prometheusName } from './exposition.ts'

/** Options of {@link prometheus}. */
export interface PrometheusOptions extends MeasureOptions {}

const HEADERS = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' }

/**
 * Measures an instance from now on, and makes the handler of a route that shows the metrics in the text format of Prometheus
 * (0.0.4): those of this process, so each process has a route of its own. It is a function of the web's standard `Request` and
 * `Response`, and answers whoever may reach it: the metrics name channels, and the origins that are listed.
 *
 * @throws {@link InvalidInputError} if an option is invalid
 */
export function prometheus(
  requeuest: Requeuest,
  options: PrometheusOptions = {},
): (request: Request) => Promise<Response> {
  checkObject('options', options)
  checkKeys('options', options, MEASURE_KEYS)
  const distributions = new Distributions()
  const { counts, gauges } = measure(requeuest, resolveMeasureOptions(options), distributions)
  return async ({ method }) => {
    if (method !== 'GET' && method !== 'HEAD') {
      return new Response('Method not allowed\n', { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    return new Response(method === 'HEAD' ? null : textOf([...(await gauges.read()), ...counts.all], distributions), {
      headers: HEADERS,
    })
  }
}

function textOf(samples: readonly Sample[], distributions: Distributions): string {
  const names = Object.keys(METRICS) as MetricName[]
  const metrics = names.map((name) => {
    if (METRICS[name].kind === 'histogram') return header(name) + distributions.text(name as HistogramName)
    const own = samples.filter((sample) => sample.name === name)
    return header(name) + own.map(({ labels, value }) => line(prometheusName(name), labels, value)).join('')
  })
  return metrics.join('')
}
