/** What a worker takes on. */
export interface WorkerTerms {
  channels: readonly string[] | 'all'
  concurrency: number
  concurrencyPerOrigin: number
}
