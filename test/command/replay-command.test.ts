import assert from 'node:assert/strict'
import { OPTIONS_OF } from '../../bin/options.ts'
import { fromArguments, Settings } from '../../bin/settings.ts'
import { replayCommand } from '../../bin/sim/replay.ts'

describe('the command that shows a run again', () => {
  const command = (argv: Record<string, unknown>) =>
    replayCommand('coordinates', new Settings([fromArguments(argv, OPTIONS_OF.sim, 'sim')]), 7)

  it('has flags that are on and flags that are off as they were given', () => {
    assert.equal(
      command({ height: false, proximity: true, seed: '3', repeat: '5' }),
      'gossip-peer sim coordinates --no-height --proximity --seed 7'
    )
    assert.equal(command({ height: true }), 'gossip-peer sim coordinates --height --seed 7')
  })

  it('has each of several values', () => {
    assert.equal(
      command({ 'latency-matrix': 'my times.txt', replay: ['a.txt@5', 'b.txt@9'] }),
      "gossip-peer sim coordinates --latency-matrix 'my times.txt' --replay a.txt@5 --replay b.txt@9 --seed 7"
    )
  })
})
