import assert from 'node:assert/strict'
import { describeAny, describeEvent, eventLine, newsFilter } from '../../bin/events.ts'
import { span, table } from '../../bin/print.ts'

describe('what a person sees', () => {
  it('of events', () => {
    assert.equal(describeEvent({ event: 'joined', through: 'Q' }), 'joined through Q')
    assert.equal(describeEvent({ event: 'view:full', size: 30 }), 'view full: 30 members')
    assert.equal(describeEvent({ event: 'member:lost', peerId: 'Q', why: 'unreachable' }), 'lost Q (unreachable)')
    assert.equal(
      describeEvent({ event: 'alone', tried: 2, pause: 1_900 }),
      'alone: nobody answers of 2 tried, next try in 1.9 s'
    )
    assert.equal(
      describeEvent({ event: 'suspect', peerId: 'Q', seen: 12, expected: 1.5, offences: 1, rounds: 60 }),
      'Q is suspected: named 12 times where 1.5 are usual'
    )
    assert.equal(
      describeEvent({ event: 'stamp:search', bits: 20, expected: 1_900 }),
      'working on a stamp of 20 bits, about 1.9 s'
    )
  })

  it('of neighbours, and of what an epoch has come to', () => {
    const change = { event: 'neighbour:change', direction: 'east', previous: 'P' }
    assert.equal(describeEvent({ ...change, peerId: 'Q', position: [3, 4] }), 'east: Q at 3,4')
    assert.equal(describeEvent(change), 'east: nobody any more')

    const results = { load: 0.123456, bins: [0.5, 0.5] }
    assert.equal(
      describeEvent({ event: 'epoch', epoch: 7, size: 2.6, results }),
      'epoch 7 is over: 3 peers, load 0.1235'
    )
    assert.equal(describeEvent({ event: 'epoch', epoch: 7, results: {} }), 'epoch 7 is over')
    assert.equal(
      describeEvent({ event: 'left-out', name: 'load', why: 'no sensor' }),
      'adds nothing to load in this epoch: no sensor'
    )
  })

  it('of coordinates and of the nearest', () => {
    const moved = { event: 'coordinate:change', position: [1, 2], height: 0.1, error: 0.123 }
    assert.equal(
      describeEvent({ ...moved, moved: 0.0185609 }),
      'moved by 0.0186 ms in the space of latencies, off by 12 %'
    )
    assert.equal(describeEvent({ ...moved, moved: 41.26 }), 'moved by 41.3 ms in the space of latencies, off by 12 %')

    const [entered, left] = [[{ peerId: 'P' }, { peerId: 'Q' }], ['R']]
    assert.equal(describeEvent({ event: 'neighbours:change', entered, left }), 'nearest peers: 2 came, 1 left')
  })

  it('of topics', () => {
    const change = { event: 'subscribers:change', topic: 'news' }
    assert.equal(describeEvent({ ...change, subscribers: 2 }), 'topic news: 2 subscribers connected')
  })

  it('of epochs, neighbours, coordinates and topics, at the terminal of the peer: nothing, but of a value that it has not', () => {
    const isNews = newsFilter()
    const quiet = ['epoch', 'neighbour:change', 'neighbours:change', 'coordinate:change', 'subscribers:change']
    assert.deepEqual(
      [...quiet, 'left-out'].map(event => isNews({ event })),
      [...quiet.map(() => false), true]
    )
  })

  it('of an event that is not known to this version', () => {
    assert.equal(describeAny({ event: 'news', time: '2030-01-01T00:00:00Z', x: 1 }), 'news {"x":1}')
  })

  it('of the time of an event', () => {
    assert.match(eventLine({ event: 'news', time: '2030-01-01T00:00:05Z' }, 'text'), /^\d\d:\d\d:05 text$/)
  })

  it('of failed tries: those after which the pause is longer, and all over again after it has joined', () => {
    const isNews = newsFilter()
    const alone = (pause: number) => isNews({ event: 'alone', tried: 1, pause })

    assert.deepEqual([200, 390, 420, 800, 790, 810].map(alone), [true, true, false, true, false, false])
    assert.equal(isNews({ event: 'joined', through: 'Q' }), true)
    assert.equal(alone(210), true)
  })

  it('of the coming and going of members: nothing', () => {
    const isNews = newsFilter()
    assert.equal(isNews({ event: 'view:enter' }), false)
    assert.equal(isNews({ event: 'view:leave' }), false)
  })

  it('of a search for a stamp: nothing, the peer itself has told of it', () => {
    assert.equal(newsFilter()({ event: 'stamp:search', bits: 20, expected: 1_900 }), false)
  })

  it('of tables and times', () => {
    assert.deepEqual(
      table(
        ['A', 'LONG'],
        [
          ['xyz', '1'],
          ['x', '']
        ]
      ),
      ['A    LONG', 'xyz  1', 'x']
    )
    assert.deepEqual([226, 1_700, 60_000, 3_661_000, 90_000_000].map(span), [
      '226 ms',
      '1.7 s',
      '1 min 0 s',
      '1 h 1 min',
      '1 d 1 h'
    ])
  })
})
