import { startLive } from './live.ts'
import { keepTimes } from './times.ts'

keepTimes()
startLive()
