import assert from 'node:assert/strict'
import { NOBODY, type Outcome } from '../../src/gossip/exchange.ts'
import { gossipRound, isFailure } from '../../src/live/gossip-round.ts'

const OUTCOMES: Outcome[] = ['busy', 'unreachable', 'timeout', 'unsupported', 'too-long', 'malformed', 'aborted']

describe('a round of gossip', () => {
  /** Whom it asked the protocol for and turned to. A round of a period of a minute that began some time ago. */
  async function round(
    partners: number[],
    tries: number,
    outcome: Outcome,
    { ago = 0, turns, insists }: { ago?: number; turns?: number; insists?: boolean } = {}
  ) {
    const steps: string[] = []
    const next = (name: string) => {
      const partner = partners.shift() ?? NOBODY
      steps.push(`${name} ${partner}`)
      return partner
    }
    const protocol = {
      partner: () => next('partner'),
      anotherPartner: () => next('another'),
      ...(turns == null ? {} : { turns: () => turns })
    }
    const exchange = async (partner: number) => {
      steps.push(`exchange ${partner}`)
      return outcome
    }
    const knew = await gossipRound({ protocol, tries, insists, period: 60_000, exchange }, performance.now() - ago)
    return { steps: steps.join(', '), knew }
  }

  it('is over when a partner has answered, or is not to blame', async () => {
    for (const outcome of ['answered', 'busy', 'aborted'] as const) {
      assert.deepEqual(await round([1, 2], 3, outcome), { steps: 'partner 1, exchange 1', knew: true })
    }
  })

  it('goes on with another partner after one that has failed, within its tries', async () => {
    const two = 'partner 1, exchange 1, another 2, exchange 2'
    assert.deepEqual(await round([1, 2, 3], 2, 'unreachable'), { steps: two, knew: true })
    assert.deepEqual(await round([1, 2], 3, 'timeout'), { steps: `${two}, another -1`, knew: true })
  })

  it('goes on after one that is busy, for a protocol that insists', async () => {
    const both = { steps: 'partner 1, exchange 1, another 2, exchange 2', knew: true }
    assert.deepEqual(await round([1, 2], 2, 'busy', { insists: true }), both)

    for (const outcome of ['answered', 'aborted'] as const) {
      assert.equal((await round([1, 2], 2, outcome, { insists: true })).steps, 'partner 1, exchange 1')
    }

    assert.equal((await round([1, 2], 2, 'busy', { ago: 31_000, insists: true })).steps, 'partner 1, exchange 1')
  })

  it('is over when half of its period is', async () => {
    assert.equal((await round([1, 2], 2, 'timeout', { ago: 31_000 })).steps, 'partner 1, exchange 1')
  })

  it('says when there was nobody to turn to', async () => {
    assert.deepEqual(await round([], 3, 'answered'), { steps: 'partner -1', knew: false })
  })

  it('has as many turns as the protocol asks for, until that knows nobody', async () => {
    const two = 'partner 1, exchange 1, partner 2, exchange 2'

    for (const outcome of ['answered', 'busy'] as const) {
      assert.deepEqual(await round([1, 2, 3], 1, outcome, { turns: 2 }), { steps: two, knew: true })
      assert.deepEqual(await round([1, 2], 1, outcome, { turns: 9 }), { steps: `${two}, partner -1`, knew: true })
    }

    assert.deepEqual(await round([], 1, 'answered', { turns: 9 }), { steps: 'partner -1', knew: false })
  })

  it('tries another partner in each turn', async () => {
    const turn = 'partner 1, exchange 1, another 2, exchange 2'
    assert.equal((await round([1, 2, 1, 2, 3], 2, 'timeout', { turns: 2 })).steps, `${turn}, ${turn}`)
  })

  it('has no further turn when two of its periods are over, or it is given up', async () => {
    const one = 'partner 1, exchange 1'
    assert.equal((await round([1, 2], 1, 'answered', { ago: 121_000, turns: 2 })).steps, one)
    assert.equal(
      (await round([1, 2], 1, 'answered', { ago: 119_000, turns: 2 })).steps,
      `${one}, partner 2, exchange 2`
    )
    assert.equal((await round([1, 2], 1, 'aborted', { turns: 2 })).steps, one)
  })

  it('blames partners for whatever is neither bad luck nor its own doing', () => {
    assert.deepEqual(
      OUTCOMES.filter(outcome => !isFailure(outcome)),
      ['busy', 'aborted']
    )
  })
})
