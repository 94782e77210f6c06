import assert from 'node:assert/strict'
import { run as runHere } from '../../bin/cli.ts'
import { nearest } from '../../bin/usage.ts'
import { run } from '../support/command.ts'

const ID = '12D3KooWGFfWTJUFF8hw6Yc3bHm8w3XCVYsCPu6Uq2HVCRDJyXqc'

/** Arguments that are wrong, and what the one line about them says. */
const WRONG: Array<[args: string, ...says: string[]]> = [
  ['statsu', 'statsu: unknown verb', 'did you mean status?'],
  ['frobnicate', 'frobnicate: unknown verb', '--help'],
  ['status again', 'again: status takes no further words'],
  ['start again', 'again: unknown verb'],
  ['--lisen /ip4/0.0.0.0/tcp/1', '--lisen: unknown option', 'did you mean --listen?'],
  ['-x', '-x: unknown option'],
  ['--listen', '--listen: needs a value'],
  ['--listen /ip4/1.2.3/tcp/0', '--listen: "/ip4/1.2.3/tcp/0" is not a multiaddr (example: /ip4/0.0.0.0/tcp/4001)'],
  ['--listen /ip4/1.2.3.4/udp/1', '--listen: "/ip4/1.2.3.4/udp/1" is not a TCP address', 'example: '],
  ['--listen /ip4/1.2.3.4/tcp/65536', '--listen: "/ip4/1.2.3.4/tcp/65536" is not a multiaddr'],
  ['--listen /dns4/example.org/tcp/1', '--listen: ', 'is not an IP address with a port'],
  ['--announce /ip4/1.2.3.4/tcp/0', '--announce: "/ip4/1.2.3.4/tcp/0" has no port that others can dial'],
  ['--bootstrap 192.168.1.5:4001', '--bootstrap: "192.168.1.5:4001" is not a multiaddr', 'example: /ip4/'],
  ['--bootstrap /ip4/1.2.3.4/tcp/1/p2p/abc', '--bootstrap: ', '"abc" is not a peer id'],
  [`--bootstrap /ip4/1.2.3.4/tcp/0/p2p/${ID}`, '--bootstrap: ', 'has port 0'],
  ['--view 0', '--view: "0" is not a whole number from 2 to 200'],
  ['--view -3', '--view: "-3" is not a whole number'],
  ['--view 1e9', '--view: "1e9" is not a whole number'],
  ['--view many', '--view: "many" is not a whole number from 2 to 200'],
  ['--view 20 --view 30', '--view: given 2 times, but it takes one value'],
  ['--no-view', '--view: cannot be switched off'],
  ['--healer 1.5', '--healer: "1.5" is not a whole number'],
  ['--view 10 --healer 3 --swapper 3', '--healer + --swapper: 3 + 3 is more than half of the view of 10, which is 5'],
  ['--preset cyclon --swapper 3', '--swapper: the preset cyclon has its own exchange and takes none'],
  ['--preset fastest', '--preset: "fastest" is none of default, swapper, healer, blind, cyclon, newscast'],
  ['--defence walls', '--defence: "walls" is none of none, statistics, ranking'],
  ['--defence ranking --healer 3', '--healer: the defence ranking has its own exchange and takes none'],
  ['--statistics-share 0.5', '--statistics-share: the defence is none'],
  ['--statistics-share 2', '--statistics-share: "2" is not a share from 0 to 1'],
  ['--profile moon', '--profile: "moon" is none of local, lan, wan'],
  ['--peer-selection best', '--peer-selection: "best" is none of rand, tail'],
  ['--propagation pull', '--propagation: "pull" is none of push, pushpull'],
  ['--defence walls', '--defence: "walls" is none of none, statistics, ranking'],
  ['--defence ranking --healer 3', '--healer: the defence ranking has its own exchange and takes none'],
  ['--defence statistics --statistics-share 2', '--statistics-share: "2" is not a share from 0 to 1'],
  ['--statistics-share 0.2', '--statistics-share: the defence is none, which gathers nothing to defend itself by'],
  ['--profile wan --statistics-share 0.2', '--statistics-share: the defence is ranking'],
  ['--period soon', '--period: "soon" is not a time (examples: 500ms, 2s, 1m)'],
  ['--period 0', '--period: "0" is not a time'],
  ['--dial-timeout 1000h', '--dial-timeout: "1000h" is not a time'],
  ['--period 2h', '--period: 7200000 is not a whole number from 1 to 3600000'],
  ['--max-connections 0', '--max-connections: 0 is not a whole number from 2 to 100000'],
  ['--stamp-bits 41', '--stamp-bits: "41" is not a whole number from 0 to 40'],
  ['--stamp-bits -1', '--stamp-bits: "-1" is not a whole number from 0 to 40'],
  ['--stamp-bits some', '--stamp-bits: "some" is not a whole number'],
  ['--no-stamp-bits', '--stamp-bits: cannot be switched off'],
  ['--max-per-block 201', '--max-per-block: "201" is not a whole number from 0 to 200'],
  ['--max-per-block 1.5', '--max-per-block: "1.5" is not a whole number'],
  ['--seed -1', '--seed: "-1" is not a whole number'],
  ['--http 127.0.0.1:99999', '--http: "127.0.0.1:99999" is not a host and a port', '[::1]:8900'],
  ['--http ::1:8900', '--http: "::1:8900" is not a host and a port'],
  ['--json=banana', '--json: "banana" is neither true nor false'],
  ['--home a --home b', '--home: given 2 times'],
  ['--home a --ephemeral', '--ephemeral: an ephemeral peer has no home'],
  ['--ephemeral status', '--ephemeral: not an option of status'],
  ['peers --view 3', '--view: not an option of peers'],
  ['sample 0', 'sample: "0" is not a whole number of at least 1'],
  ['sample some', 'sample: "some" is not a whole number'],
  ['suspects --clear', '--clear: needs a value'],
  ['suspects --clear abc', '--clear: "abc" is not a peer id (example: 12D3KooW'],
  [`peers --clear ${ID}`, '--clear: not an option of peers (it belongs to suspects)'],
  ['--clear abc', '--clear: not an option of start'],
  ['--log status', '--log: "status" is a verb', 'gossip-peer status --log'],
  ['--torus 1x1', '--torus: "1x1" is not a width and a height from 2 to 1000000 each (example: 50x50)'],
  ['--torus 2x1000001', '--torus: "2x1000001" is not a width and a height'],
  ['--torus 50', '--torus: "50" is not a width and a height'],
  ['--torus 50x', '--torus: "50x" is not a width and a height'],
  ['--torus 0x5', '--torus: "0x5" is not a width and a height'],
  ['--torus 1e3x4', '--torus: "1e3x4" is not a width and a height'],
  ['--torus 4x4 --torus 5x5', '--torus: given 2 times'],
  ['--position 1,1', '--position: on which torus? (add --torus 50x50)'],
  ['--torus 4x4 --position 3', '--position: [3] is not 2 whole numbers, from 0 to 3 and from 0 to 3'],
  ['--torus 4x4 --position 9,9', '--position: [9,9] is not 2 whole numbers'],
  ['--torus 4x4 --position -1,0', '--position: [-1,0] is not 2 whole numbers'],
  ['--torus 4x4 --position 0.5,1', '--position: [0.5,1] is not 2 whole numbers'],
  ['--torus 4x4 --position a,b', '--position: "a,b" is not a point (example: 12,7)'],
  ['--torus 4x4 --position 0x1,1', '--position: "0x1,1" is not a point'],
  ['--torus 4x4 --position 1,', '--position: "1," is not a point'],
  ['--value x', '--value: "x" is not a value (examples: load=0.7, load=cpu'],
  ['--value =1', '--value: "=1" is not a value'],
  ['--value load=', '--value: "load=" is not a value'],
  ['--value load=abc', '--value: "abc" is neither a number nor one of cpu, memory'],
  ['--value load=0x10', '--value: "0x10" is neither a number'],
  ['--value load=1:foo', '--value: "foo" is none of average, sum'],
  ['--value load=1:Average', '--value: "Average" is none of average'],
  ['--value load=1:count', '--value: "count" is none of average'],
  ['--value load=1:histogram', '--value: "load=1:histogram" needs a range (example: load=1:histogram(0..100))'],
  ['--value load=1:average(1..0)', '--value: "1..0" is not a range (example: 0..100)'],
  ['--value load=1:average(0..)', '--value: "0.." is not a range'],
  ['--value load=5:median(0..1)', '--value: load: 5 is not a number from 0 to 1'],
  ['--value load=cpu:histogram(2..3)', '--value: "load=cpu:histogram(2..3)": cpu is a share from 0 to 1'],
  ['--value a=1 --value a=2', '--value: "a" is there twice'],
  [`--value ${'a'.repeat(65)}=1`, '--value: ', 'has not 1 to 64 characters'],
  [Array.from({ length: 32 }, (_, i) => `--value v${i}=1`).join(' '), '--value: there is no room for "v31"'],
  ['--epoch 3', '--epoch: "3" is not a whole number from 4 to 1000'],
  ['--dimensions 0', '--dimensions: "0" is not a whole number from 1 to 16'],
  ['--dimensions 17', '--dimensions: "17" is not a whole number from 1 to 16'],
  ['--dimensions x', '--dimensions: "x" is not a whole number from 1 to 16'],
  ['--no-dimensions', '--dimensions: cannot be switched off'],
  ['--proximity=maybe', '--proximity: "maybe" is neither true nor false'],
  ['nearest --proximity', '--proximity: not an option of nearest (it belongs to start and sim)'],
  ['rtt', 'rtt: needs a peer id (example: gossip-peer rtt 12D3KooW...)'],
  ['rtt abc', 'rtt: "abc" is not a peer id (example: 12D3KooW'],
  [`rtt ${ID} abc`, 'rtt: "abc" is not a peer id'],
  [`rtt ${ID} ${ID} ${ID}`, `${ID}: rtt takes no further words (see gossip-peer rtt --help)`],
  ['coordinate abc', 'coordinate: "abc" is not a peer id'],
  [`coordinate ${ID} abc`, 'abc: coordinate takes no further words'],
  ['nearest 0', 'nearest: "0" is not a whole number of at least 1'],
  ['nearest x', 'nearest: "x" is not a whole number of at least 1'],
  ['nearest 1.5', 'nearest: "1.5" is not a whole number'],
  ['nearest 3 4', '4: nearest takes no further words'],
  ['route', 'route: needs a point (example: gossip-peer route 30,4)'],
  ['route a,b', 'route: "a,b" is not a point (example: 12,7)'],
  ['route 1 1', '1: route takes no further words'],
  ['route 2,2 -1,-1', '-1,-1: route takes no further words'],
  ['neighbours 1', '1: neighbours takes no further words'],
  ['neighbors', 'neighbors: unknown verb', 'did you mean neighbours?'],
  ['aggregate load cpu', 'cpu: aggregate takes no further words'],
  ['aggregate load --value load=1', '--value: not an option of aggregate (it belongs to start)'],
  ['size 3', '3: size takes no further words'],
  ['-1,-1', '-1,-1: unknown verb'],
  ['--config /nonexistent/peer.yaml', '--config: cannot read /nonexistent/peer.yaml (ENOENT)']
]

/** Runs the command in this process, which is quicker, and takes what it writes on stderr. */
async function capture(args: string[], env: NodeJS.ProcessEnv = {}): Promise<{ code?: number; stderr: string }> {
  const write = process.stderr.write
  let stderr = ''

  process.stderr.write = text => {
    stderr += text
    return true
  }

  try {
    const code = await runHere(args, { GOSSIP_PEER_HOME: '/nonexistent', ...env })
    return { code, stderr }
  } finally {
    process.stderr.write = write
  }
}

describe('wrong usage of the command', () => {
  for (const [args, ...says] of WRONG) {
    it(`gossip-peer ${args}`, async () => {
      const { code, stderr } = await capture(args.split(' '))

      assert.equal(code, 2)
      assertOneLine(stderr, says)
    })
  }

  it('names the environment variable that is wrong', async () => {
    const { code, stderr } = await capture([], { GOSSIP_PEER_VIEW: '0' })
    assert.equal(code, 2)
    assertOneLine(stderr, ['gossip-peer: GOSSIP_PEER_VIEW: "0" is not a whole number'])
  })

  it('refuses names that are taken, or would spoil a line', async () => {
    for (const [value, says] of [
      ['network size=1', '--value: there is a "network size" already'],
      ['  =1', '--value: "  =1" is not a value'],
      ['lo\nad=1', '--value: "lo\\nad=1" is not a value']
    ]) {
      const { code, stderr } = await capture(['--value', value])
      assert.equal(code, 2)
      assertOneLine(stderr, [says])
    }
  })

  it('names the variable of a torus, a position, a value, a space that is wrong', async () => {
    for (const [variable, value, says] of [
      ['GOSSIP_PEER_TORUS', '4', 'GOSSIP_PEER_TORUS: "4" is not a width'],
      ['GOSSIP_PEER_POSITION', '1,1', 'GOSSIP_PEER_POSITION: on which torus?'],
      ['GOSSIP_PEER_VALUE', 'load=1 load=2', 'GOSSIP_PEER_VALUE: "load" is there twice'],
      ['GOSSIP_PEER_EPOCH', '1', 'GOSSIP_PEER_EPOCH: "1" is not a whole number'],
      ['GOSSIP_PEER_DIMENSIONS', '17', 'GOSSIP_PEER_DIMENSIONS: "17" is not a whole number from 1 to 16'],
      ['GOSSIP_PEER_PROXIMITY', 'near', 'GOSSIP_PEER_PROXIMITY: "near" is neither true nor false']
    ]) {
      const { code, stderr } = await capture([], { [variable]: value })
      assert.equal(code, 2)
      assertOneLine(stderr, [says])
    }
  })

  it('names the variable in an impossible combination', async () => {
    const { stderr } = await capture(['--view', '10', '--healer', '3'], { GOSSIP_PEER_SWAPPER: '3' })
    assertOneLine(stderr, ['--healer + GOSSIP_PEER_SWAPPER: 3 + 3'])
  })

  it('exits with 2 and one line, as a process', async () => {
    const ended = await run(['--listen', '/ip4/1.2.3/tcp/0'])

    assert.equal(ended.code, 2)
    assert.equal(ended.stdout, '')
    assert.equal(
      ended.stderr,
      'gossip-peer: --listen: "/ip4/1.2.3/tcp/0" is not a multiaddr (example: /ip4/0.0.0.0/tcp/4001)\n'
    )
  })
})

describe('the nearest word', () => {
  const words = ['status', 'start', 'stop', 'listen', 'monitor']

  it('forgives a letter too few, too many, another one, and two swapped', () => {
    assert.equal(nearest('statu', words), 'status')
    assert.equal(nearest('listten', words), 'listen')
    assert.equal(nearest('monitar', words), 'monitor')
    assert.equal(nearest('sotp', words), 'stop')
  })

  it('does not guess wildly', () => {
    assert.equal(nearest('frobnicate', words), undefined)
    assert.equal(nearest('x', words), undefined)
  })
})

function assertOneLine(stderr: string, says: string[]): void {
  assert.match(stderr, /^gossip-peer: [^\n]+\n$/)

  for (const words of says) {
    assert.ok(stderr.includes(words), `${JSON.stringify(stderr)} lacks ${JSON.stringify(words)}`)
  }
}
