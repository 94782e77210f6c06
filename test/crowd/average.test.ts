import assert from 'node:assert/strict'
import { Random } from '../../src/gossip/random.ts'
import { AverageCrowd, LOAD, total } from './average-crowd.ts'
import { Liar } from './liar.ts'

const PEERS = 60
const PROCESSES = 4
const EPOCH = 30
/** Of them, those that a peer must have made to be judged by its result, and those of one that has kept pace. */
const ROUNDS = EPOCH / 2
const PACE = EPOCH - 2
/** By this at least differences shrink in a round; measured on a busy machine: 0.7 after 23 rounds. */
const SHRINKS = 0.75
/** Milliseconds: so short that exchanges overlap. */
const PERIOD = 200
const SEED = 60

describe(`${PEERS} peers that average at full rate`, function () {
  this.timeout(400_000)

  const crowd = new AverageCrowd(EPOCH, PERIOD)
  const random = new Random(SEED)
  const values = Array.from({ length: PEERS }, () => (LOAD.range?.to ?? 1) * random.fraction())
  const average = values.reduce((sum, value) => sum + value, 0) / PEERS
  let liar: Liar | undefined

  before(async () => {
    const each = Math.ceil(PEERS / PROCESSES)
    const lists = Array.from({ length: PROCESSES }, (_, i) => values.slice(i * each, (i + 1) * each))
    await crowd.start([lists[0].splice(0, 1)], [])
    const [first] = await crowd.report()
    await crowd.start(lists, first.addresses)
  })

  after(async () => {
    await liar?.stop()
    await crowd.stop()
  })

  /**
   * Waits for the first epoch in which nobody was far behind: on a machine that is short of time, some peers make so few rounds
   * before the others begin the next epoch that they are not so near the average yet. The sum is that of every epoch.
   */
  async function check(from: number): Promise<void> {
    for (;;) {
      const epochs = await crowd.finished(from)

      for (const results of epochs) {
        const sum = results.reduce((sum, { value }) => sum + value, 0)
        const lost = Math.abs(sum / PEERS / average - 1)
        assert.ok(lost < 1e-9, `in epoch ${results[0].epoch} the sum has changed by ${lost} of it`)
      }

      const judged = epochs.find(results => results.every(({ rounds }) => rounds >= ROUNDS))

      if (judged != null) {
        const worst = Math.max(...judged.map(({ value }) => Math.abs(value / average - 1)))
        const farthest = Math.max(...judged.map(({ size }) => Math.abs(size / PEERS - 1)))
        const least = Math.min(...judged.map(({ rounds }) => rounds))
        const bound = least >= PACE ? 1e-6 : SHRINKS ** least
        assert.equal(judged.length, PEERS)
        assert.ok(worst < bound, `a result is wrong by ${worst} of it after ${least} rounds`)
        assert.ok(farthest < Math.max(0.01, 10 * bound), `a size is wrong by ${farthest} of it after ${least} rounds`)
        return
      }

      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }

  it('know the average and their number after an epoch, and lose nothing', async () => {
    await check((await crowd.agreed()) + 1)
    assert.ok(total(await crowd.report(), 'outcomes', 'busy') > 0, 'no exchanges overlapped')
  })

  it('are not moved by one who says what cannot be, whenever it asks or is asked', async () => {
    const before = await crowd.report()
    liar = await Liar.start(before[0])
    const lies = liar.told
    // until it has told all of them in one epoch, whatever is long over among them
    const from = Math.max(...before.flatMap(({ finished }) => finished.map(({ epoch }) => epoch))) + 4
    await check(from)
    const after = await crowd.report()

    for (const reason of ['not-finite', 'out-of-range', 'wrong-epoch']) {
      assert.ok(
        total(after, 'refusals', reason) > total(before, 'refusals', reason),
        `nothing was refused as ${reason}`
      )
    }

    assert.ok((lies.get('replay') ?? 0) > 0)
  })
})
