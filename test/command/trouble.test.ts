import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { COMMAND, endOf, LOOPBACK, RunningCommand, run, startPeer, withinFolder } from '../support/command.ts'

const VERBS = ['status', 'peers', 'sample', 'suspects', 'monitor', 'id', 'doctor', 'stop']

describe('the command, in trouble', function () {
  this.timeout(60_000)

  let folder: string

  withinFolder(path => {
    folder = path
  })

  for (const verb of VERBS) {
    it(`${verb} with no peer running says so, and how to start one`, async () => {
      const home = join(folder, 'nobody')
      const { code, stdout, stderr } = await run([verb, '--home', home])

      assert.equal(code, 1)
      assert.equal(stdout, '')
      assert.equal(stderr, `gossip-peer: no peer runs in ${home} (start one: gossip-peer start --home ${home})\n`)
      assert.equal(existsSync(home), false)
    })
  }

  it('leaves a home in use to the peer that runs there', async () => {
    const home = join(folder, 'used')
    const first = await startPeer(['--home', home, ...LOOPBACK])
    const { code, stdout, stderr } = await run(['--home', home, ...LOOPBACK])

    assert.equal(code, 1)
    assert.equal(stdout, '')
    assertOneLine(stderr, home)
    assert.equal((await run(['id', '--home', home])).code, 0)
    assert.equal((await first.endBy('SIGTERM')).code, 0)
  })

  it('ends with 1 when its data cannot be written', async function () {
    if (!existsSync('/dev/full')) {
      return this.skip()
    }

    const home = join(folder, 'full-output')
    const peer = await startPeer(['--home', home, ...LOOPBACK])
    const { code, stderr } = await new RunningCommand('sh', [
      '-c',
      `"${process.execPath}" "${COMMAND}" status --json --home "${home}" > /dev/full`
    ]).ended

    assert.equal(code, 1)
    assertOneLine(stderr, 'stdout')
    assert.equal((await peer.endBy('SIGTERM')).code, 0)
  })

  it('does not touch a damaged key', async () => {
    const home = join(folder, 'damaged')
    const first = await startPeer(['--home', home, ...LOOPBACK])
    await first.endBy('SIGTERM')
    const key = await keyFile(home)
    await writeFile(key, 'damaged')
    const { code, stdout, stderr } = await run(['--home', home, ...LOOPBACK])

    assert.equal(code, 1)
    assert.equal(stdout, '')
    assertOneLine(stderr, key)
    assert.equal(await readFile(key, 'utf8'), 'damaged')
  })

  it('names a port that is in use', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }

    try {
      const { code, stdout, stderr } = await run(['--ephemeral', '--listen', `/ip4/127.0.0.1/tcp/${port}`])

      assert.equal(code, 1)
      assert.equal(stdout, '')
      assertOneLine(stderr, String(port))
    } finally {
      server.close()
    }
  })

  it('names a home that is a file', async () => {
    const home = join(folder, 'file')
    await writeFile(home, '')
    const { code, stderr } = await run(['--home', home, ...LOOPBACK])

    assert.equal(code, 1)
    assertOneLine(stderr, home)
  })

  it('says that no space is left', async function () {
    const home = join(folder, 'full')
    await mkdir(home)
    // One page is all that there is, and it is taken: of a real file system, in a mount namespace of its own.
    const mount = `mount -t tmpfs -o size=4k,nr_inodes=64 none ${home} && head -c 4096 /dev/zero > ${home}/ballast`
    const trial = spawnSync('unshare', ['-m', 'sh', '-c', `${mount}`], { encoding: 'utf8' })

    if (trial.status !== 0) {
      console.log(`        skipped: no mount namespace here (${trial.error?.message ?? trial.stderr.trim()})`)
      return this.skip()
    }

    const peer = [process.execPath, COMMAND, '--home', home, ...LOOPBACK].join(' ')
    const { code, stderr } = await endOf(new RunningCommand('unshare', ['-m', 'sh', '-c', `${mount} && exec ${peer}`]))

    assert.equal(code, 1)
    assertOneLine(stderr, 'space')
  })

  it('starts with no bootstrap peer in reach, says so, and joins when one appears', async () => {
    const home = join(folder, 'late')
    const before = await startPeer(['--home', home, ...LOOPBACK])
    const [member, address] = await before.says(/(\/ip4\/127\.0\.0\.1\/tcp\/\d+)\/p2p\/\S+/)
    await before.endBy('SIGTERM')

    const newcomer = await startPeer(['--ephemeral', ...LOOPBACK, '--bootstrap', member])
    await newcomer.says(/^\S+ alone: nobody answers of 1 tried, next try in \d/m)
    assert.equal(/joined/.test(newcomer.stdout), false)

    const after = await startPeer(['--home', home, '--listen', address, '--profile', 'local'])
    await newcomer.says(/^\S+ joined through /m)
    await Promise.all([newcomer.endBy('SIGTERM'), after.endBy('SIGTERM')])
  })
})

describe('the help of the command', () => {
  it('shows examples for the command and for every verb', async () => {
    await Promise.all(
      [[], ...VERBS.map(verb => [verb])].map(async args => {
        const { code, stdout, stderr } = await run([...args, '--help'])

        assert.equal(code, 0)
        assert.equal(stderr, '')
        assert.match(stdout, new RegExp(`\\nExamples:\\n +.*gossip-peer ${args[0] ?? '--bootstrap'}`), String(args))
      })
    )
  })

  it('prints the version', async () => {
    const { code, stdout } = await run(['--version'])

    assert.equal(code, 0)
    assert.match(stdout, /^\d+\.\d+\.\d+\S*\n$/)
  })

  it('prints completions for bash and zsh', async () => {
    const bash = await run(['completion'], { env: { SHELL: '/bin/bash' } })
    const zsh = await run(['completion'], { env: { SHELL: '/bin/zsh' } })

    assert.equal(bash.code, 0)
    assert.match(bash.stdout, /complete .*-F .* gossip-peer\n/)
    assert.match(zsh.stdout, /^#compdef gossip-peer\n/)
  })

  it('completes verbs and options', async () => {
    const { stdout } = await run(['--get-yargs-completions', 'gossip-peer', 'status', '--'])

    assert.match(stdout, /^--json$/m)
    assert.doesNotMatch(stdout, /^--view$/m)
  })
})

/** Where the identity is, whatever its name. */
async function keyFile(home: string): Promise<string> {
  const names = await readdir(home)
  const name = names.find(candidate => /key/.test(candidate))
  assert.ok(name != null, `no key in ${names}`)
  return join(home, name)
}

function assertOneLine(stderr: string, says: string): void {
  assert.match(stderr, /^gossip-peer: [^\n]+\n$/)
  assert.ok(stderr.includes(says), `${JSON.stringify(stderr)} lacks ${JSON.stringify(says)}`)
}
