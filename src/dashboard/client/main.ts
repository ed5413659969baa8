import { watchActions } from './actions.ts'
import { startCopy } from './copy.ts'
import { startFilter } from './filter.ts'
import { startLive } from './live.ts'
import { startSelection } from './selection.ts'
import { keepTimes } from './times.ts'

keepTimes()
startLive()
watchActions()
startFilter()
startSelection()
startCopy()
