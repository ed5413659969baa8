export { type PrometheusOptions, prometheus } from './prometheus.ts'
