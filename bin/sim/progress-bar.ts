import cliProgress from 'cli-progress'
import { span } from '../print.ts'
import { type ProgressDisplay, rateOf, whereabouts } from './progress.ts'

/** A bar on stderr, which is gone at the end. */
export function progressBar(total: number): ProgressDisplay {
  const bar = new cliProgress.SingleBar({
    format: (options, { progress, eta }, { text }) =>
      `${cliProgress.Format.BarFormat(progress, options)} ${text}${progress > 0 ? `, ${span(eta * 1_000)} left` : ''}`,
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    // rounds over which the speed is taken
    etaBuffer: 100,
    stream: process.stderr,
    clearOnComplete: true,
    // nothing that a second Ctrl-C leaves no time to put right
    linewrap: true,
    hideCursor: false,
    gracefulExit: false
  })
  bar.start(total, 0, { text: 'starting' })

  return {
    update: (progress, done) => bar.update(done, { text: `${whereabouts(progress)}, ${rateOf(progress)}` }),
    end: () => bar.stop()
  }
}
