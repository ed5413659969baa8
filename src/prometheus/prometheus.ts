import { checkKeys, checkObject } from '../check/check.ts'
import type { Requeuest } from '../requeuest.ts'
import { measure } from '../telemetry/measure.ts'
import { MEASURE_KEYS, type MeasureOptions, resolveMeasureOptions } from '../telemetry/options.ts'
import { Registry } from './registry.ts'

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
  const registry = new Registry()
  const { gauges } = measure(requeuest, resolveMeasureOptions(options), registry)
  return async ({ method }) => {
    if (method !== 'GET' && method !== 'HEAD') {
      return new Response('Method not allowed\n', { status: 405, headers: { allow: 'GET, HEAD' } })
    }
    return new Response(method === 'HEAD' ? null : registry.text(await gauges.read()), { headers: HEADERS })
  }
}
