import type { Controls } from '../instance/controls.ts'
import { contextOf } from '../instance/controls.ts'
import { Counts } from './counts.ts'
import { Gauges } from './gauges.ts'
import { LabelValues } from './label-values.ts'
import { Measures } from './measures.ts'
import type { Histograms } from './metrics.ts'
import type { MeasureTerms } from './options.ts'

/** Measures an instance from now on. */
export function measure(requeuest: Controls, terms: MeasureTerms, histograms: Histograms) {
  const context = contextOf(requeuest)
  const values = new LabelValues(terms.origins)
  const counts = new Counts()
  const measures = new Measures(counts, histograms, values, terms.depth === 'auto')
  const { observers } = context.events.instruments
  observers.add(measures)
  return {
    counts,
    gauges: new Gauges(context, requeuest.inspect, values, terms.depth),
    end: () => void observers.delete(measures),
  }
}
