import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LOOPBACK, RunningCommand, run, start, startPeer, withinFolder } from '../support/command.ts'

/**
 * A way out that never ends by itself.
 *
 * @param setTimeout - what stands in place of that
 */
const stuckWith = (setTimeout: string) => `
  import { departure } from ${JSON.stringify(new URL('../../bin/signals.js', import.meta.url).href)}
  const { setTimeout } = globalThis
  globalThis.setTimeout = ${setTimeout}
  departure(() => { console.log('leaving'); return new Promise(() => {}) })
  setInterval(() => {}, 1_000)
  console.log('up')
`

/** On a signal, something goes wrong out of nowhere. */
const ACCIDENTS = `
  process.on('SIGUSR2', () => { Promise.reject(new Error('a stray promise')) })
  process.on('SIGWINCH', () => { throw new Error('a stray error') })
`

describe('leaving', function () {
  this.timeout(60_000)

  let folder: string

  withinFolder(path => {
    folder = path
  })

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 0],
    ['SIGHUP', 0]
  ] as const) {
    it(`on ${signal} exits with ${code}, and leaves nothing behind`, async () => {
      const home = join(folder, signal)
      const peer = await startPeer(['--bootstrap', '--home', home, ...LOOPBACK])
      const ended = await peer.endBy(signal)

      assert.equal(ended.code, code)
      assert.equal(ended.stderr, '')
      assert.equal((await readdir(home)).includes('control.sock'), false)
      assert.equal((await run(['id', '--home', home])).code, 1)
    })
  }

  it('works while the peer is still starting', async () => {
    const peer = start(['--home', join(folder, 'early'), ...LOOPBACK, '--log', 'libp2p*'])
    await peer.says(/libp2p/, 'stderr')
    assert.equal((await peer.endBy('SIGINT')).code, 130)
  })

  it('works in the middle of the search for a stamp, of which a person is told once', async () => {
    const home = join(folder, 'searching')
    const peer = await startPeer(['--bootstrap', '--home', home, ...LOOPBACK, '--stamp-bits', '40'])
    await peer.says(/a stamp/, 'stderr')
    const status = await run(['status', '--json', '--home', home])
    assert.equal(JSON.parse(status.stdout).sampling.rounds, 0)
    const { code, stdout, stderr } = await peer.endBy('SIGTERM')

    assert.equal(code, 0)
    assert.match(stderr, /^gossip-peer: working on a stamp of 40 bits, about \d+ (days|hours); [^\n]+\n$/)
    assert.doesNotMatch(stdout, /a stamp/)
    assert.match(stdout, /--stamp-bits 40/)
  })

  /** Starts one that is stuck. */
  async function startStuck(setTimeout: string): Promise<RunningCommand> {
    const stuck = new RunningCommand(process.execPath, ['--input-type=module', '-e', stuckWith(setTimeout)])
    await stuck.says(/up/)
    return stuck
  }

  it('is forced before three seconds are over', async () => {
    const stuck = await startStuck("(run, delay) => { console.log('in', delay, 'ms'); return setTimeout(run, delay) }")
    const { code, stdout } = await stuck.endBy('SIGTERM')
    const delay = Number(/^in (\d+) ms$/m.exec(stdout)?.[1])

    assert.equal(code, 0)
    assert.ok(delay > 2_000 && delay < 3_000, stdout)
  })

  it('is forced at once by a second signal', async () => {
    const stuck = await startStuck('() => {}')
    stuck.child.kill('SIGINT')
    await stuck.says(/leaving/)
    const { code } = await stuck.endBy('SIGINT')

    assert.equal(code, 130)
  })

  it('is not brought about by a stray promise, but by a stray error, in order', async () => {
    const home = join(folder, 'stray')
    const peer = await startPeer(['--bootstrap', '--home', home, ...LOOPBACK], {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(ACCIDENTS)}` }
    })

    peer.child.kill('SIGUSR2')
    await peer.says(/^gossip-peer: unexpected, going on: a stray promise\n$/, 'stderr')
    assert.equal((await run(['id', '--home', home])).code, 0)

    const { code, stderr } = await peer.endBy('SIGWINCH')
    assert.equal(code, 1)
    assert.match(stderr, /\ngossip-peer: unexpected, leaving: a stray error\n$/)
    assert.equal((await readdir(home)).includes('control.sock'), false)
  })

  it('by the stop verb leaves an app that runs a peer alone', async () => {
    const home = join(folder, 'in-an-app')
    const app = new RunningCommand(process.execPath, [
      '--input-type=module',
      '--eval',
      `import { createPeer } from ${JSON.stringify(new URL('../../src/peer/index.js', import.meta.url).href)}
       const peer = await createPeer({ home: ${JSON.stringify(home)} })
       peer.stopped.then(() => console.log('the peer has left'))
       setInterval(() => {}, 1_000)
       console.log('up')`
    ])
    await app.says(/up/)
    const { code, stdout } = await run(['stop', '--home', home])

    assert.equal(code, 0)
    assert.match(stdout, /^stopped /)
    await app.says(/the peer has left/)
    assert.equal(app.child.exitCode, null)
  })
})
