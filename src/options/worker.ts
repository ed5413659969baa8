/** The options of a worker, with every default filled in. */
export interface WorkerTerms {
  channels: readonly string[] | 'all'
  concurrency: number
  concurrencyPerOrigin: number
}
