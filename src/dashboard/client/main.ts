import { watchActions } from './actions.ts'
import { startLive } from './live.ts'
import { keepTimes } from './times.ts'

keepTimes()
startLive()
watchActions()
