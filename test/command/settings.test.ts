import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { homeOf, startSettings, verbSettings } from '../../bin/config.ts'
import { peerInit, sharedArguments } from '../../bin/init.ts'
import { OPTION_NAMES, variableOf } from '../../bin/options.ts'
import { withinFolder } from '../support/command.ts'

const MEMBER = '/ip4/192.168.1.5/tcp/4001/p2p/12D3KooWGFfWTJUFF8hw6Yc3bHm8w3XCVYsCPu6Uq2HVCRDJyXqc'

describe('the settings of the command', () => {
  let folder: string

  withinFolder(path => {
    folder = path
  })

  async function file(name: string, text: string): Promise<string> {
    const path = join(folder, name)
    await writeFile(path, text)
    return path
  }

  /** What the command would start, with an empty home unless told otherwise. */
  function init(argv: Record<string, unknown>, env: Record<string, string> = {}) {
    return peerInit(startSettings(argv, { GOSSIP_PEER_HOME: join(folder, 'empty'), ...env }))
  }

  describe('sources', () => {
    it('lets arguments go before the environment, that before the config file, that before the default', async () => {
      const config = await file('order.yaml', 'view: 10\nseed: 1\nprofile: wan\n')
      const { sampling } = init({ config, view: '30' }, { GOSSIP_PEER_VIEW: '20', GOSSIP_PEER_SEED: '2' })

      assert.equal(sampling?.view, 30)
      assert.equal(sampling?.seed, 2)
      assert.equal(sampling?.profile, 'wan')
      assert.equal(sampling?.period, undefined)
    })

    it('takes every option from the environment', () => {
      const values: Record<string, string> = {
        bootstrap: MEMBER,
        listen: '/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2',
        announce: '/ip4/1.2.3.4/tcp/5',
        mdns: 'yes',
        'max-connections': '50',
        home: '/some/home',
        profile: 'wan',
        preset: 'healer',
        view: '20',
        healer: '4',
        swapper: '5',
        'peer-selection': 'rand',
        propagation: 'pushpull',
        defence: 'statistics',
        'statistics-share': '0.25',
        period: '2s',
        'exchange-timeout': '300ms',
        'dial-timeout': '1m',
        'stamp-bits': '16',
        'max-per-block': '4',
        seed: '7',
        http: '8901',
        torus: '50x40',
        position: '12,7',
        value: 'load=cpu, disk=0.4',
        epoch: '8',
        dimensions: '4',
        proximity: 'on'
      }
      const env = Object.fromEntries(
        OPTION_NAMES.filter(name => name in values).map(name => [variableOf(name), values[name]])
      )
      const { listen, announce, sampling, values: added, ...rest } = init({}, env)
      const { bootstrap, ...variant } = sampling ?? {}

      assert.deepEqual(listen?.map(String), ['/ip4/127.0.0.1/tcp/1', '/ip4/127.0.0.1/tcp/2'])
      assert.deepEqual(announce?.map(String), ['/ip4/1.2.3.4/tcp/5'])
      assert.deepEqual(bootstrap?.map(String), [MEMBER])
      assert.deepEqual(Object.keys(added ?? {}), ['load', 'disk'])
      assert.deepEqual(rest, {
        home: '/some/home',
        mdns: true,
        http: { host: '127.0.0.1', port: 8901 },
        torus: { width: 50, height: 40, position: [12, 7] },
        aggregation: { epoch: 8 },
        vivaldi: { dimensions: 4 },
        proximity: true
      })
      assert.deepEqual(variant, {
        profile: 'wan',
        preset: 'healer',
        view: 20,
        healer: 4,
        swapper: 5,
        selection: 'rand',
        propagation: 'pushpull',
        defence: 'statistics',
        statisticsShare: 0.25,
        period: 2_000,
        exchangeTimeout: 300,
        dialTimeout: 60_000,
        maxConnections: 50,
        stampBits: 16,
        maxPerBlock: 4,
        seed: 7
      })
    })

    it('takes an empty variable for none', () => {
      assert.equal(init({}, { GOSSIP_PEER_VIEW: '' }).sampling?.view, undefined)
    })

    it('reads config.yaml in the home, when it is there', async () => {
      const home = join(folder, 'configured')
      await mkdir(home, { recursive: true })
      await writeFile(join(home, 'config.yaml'), 'view: 12\n')

      assert.equal(init({ home }).sampling?.view, 12)
      assert.equal(init({}, { GOSSIP_PEER_HOME: home }).sampling?.view, 12)
      assert.equal(init({ ephemeral: true }, { GOSSIP_PEER_HOME: home }).sampling?.view, undefined)
    })

    it('reads JSON, numbers and lists as YAML does', async () => {
      const config = await file('peer.json', JSON.stringify({ view: 14, http: true, mdns: true, bootstrap: [MEMBER] }))
      const { sampling, http, mdns } = init({ config })

      assert.equal(sampling?.view, 14)
      assert.deepEqual(sampling?.bootstrap?.map(String), [MEMBER])
      assert.deepEqual(http, { host: '127.0.0.1', port: 8900 })
      assert.equal(mdns, true)
    })

    it('reads the defences from a file', async () => {
      const config = await file('defences.yaml', 'stamp-bits: 12\nmax-per-block: 0\n')
      const { sampling } = init({ config })

      assert.equal(sampling?.stampBits, 12)
      assert.equal(sampling?.maxPerBlock, 0)
    })

    it('reads a place on a torus and values from a file', async () => {
      const config = await file('place.yaml', 'torus: 4x3\nposition: 3,2\nvalue: [load=0.5, "two words=1:maximum"]\n')
      const { torus, values } = init({ config })

      assert.deepEqual(torus, { width: 4, height: 3, position: [3, 2] })
      assert.deepEqual(values, {
        load: { function: 'average', range: undefined, value: 0.5 },
        'two words': { function: 'maximum', range: undefined, value: 1 }
      })
    })

    it('switches off by argument what the environment or the file asks for', async () => {
      const config = await file('on.yaml', 'http: 9000\nmdns: true\nproximity: true\n')
      const { http, mdns, proximity } = init({ config, http: false, mdns: false, proximity: false })

      assert.equal(http, undefined)
      assert.equal(mdns, false)
      assert.equal(proximity, false)
      assert.equal(init({ config }, { GOSSIP_PEER_HTTP: 'off' }).http, undefined)
    })
  })

  describe('a wrong config file', () => {
    const WRONG: Array<[what: string, text: string, says: RegExp]> = [
      ['has an unknown key', 'veiw: 3\n', /^wrong\.yaml: veiw: unknown option \(did you mean view\?\)$/],
      ['names a config file', 'config: other.yaml\n', /^wrong\.yaml: config: unknown option/],
      ['has an impossible value', 'view: 1\n', /^wrong\.yaml: view: "1" is not a whole number from 2 to 200$/],
      ['has a list where one value is meant', 'view: [3, 4]\n', /^wrong\.yaml: view: given 2 times/],
      ['has a mapping where a value is meant', 'view: { c: 3 }\n', /^wrong\.yaml: view: .* is not a plain value$/],
      ['is a list', '- view\n', /wrong\.yaml: not a list of options/],
      ['is no YAML', 'view: 3\n  seed: [\n', /wrong\.yaml:\d+: /]
    ]

    for (const [what, text, says] of WRONG) {
      it(what, async () => {
        const config = await file('wrong.yaml', text)
        assert.throws(() => init({ config }), { name: 'UsageError', message: says })
      })
    }

    it('names another home in a home', async () => {
      const home = join(folder, 'moved')
      await mkdir(home, { recursive: true })
      await writeFile(join(home, 'config.yaml'), 'home: /elsewhere\n')

      assert.throws(() => init({ home }), { name: 'UsageError', message: /cannot name another one/ })
    })
  })

  describe('the home', () => {
    const home = (argv: Record<string, unknown>, env: Record<string, string> = {}) => homeOf(startSettings(argv, env))

    it('is that of the argument, of GOSSIP_PEER_HOME, or the default', () => {
      assert.equal(home({ home: '/a' }, { GOSSIP_PEER_HOME: '/b' }), '/a')
      assert.equal(home({}, { GOSSIP_PEER_HOME: '/b' }), '/b')
      assert.equal(homeOf(verbSettings({}, {}, 'status')), join(homedir(), '.gossip-peer'))
      assert.equal(home({ home: '~/x' }), join(homedir(), 'x'))
    })

    it('is none for an ephemeral peer, whatever the environment says', () => {
      assert.equal(home({ ephemeral: true }, { GOSSIP_PEER_HOME: '/b' }), undefined)
      assert.equal(home({ home: '/a' }, { GOSSIP_PEER_EPHEMERAL: '1' }), '/a')
      assert.equal(home({ ephemeral: false, home: '/a' }), '/a')
    })
  })

  describe('values', () => {
    const http = (text: string) => init({ http: text }).http

    it('reads a host and a port', () => {
      assert.deepEqual(http(''), { host: '127.0.0.1', port: 8900 })
      assert.deepEqual(http('9000'), { host: '127.0.0.1', port: 9000 })
      assert.deepEqual(http(':9000'), { host: '127.0.0.1', port: 9000 })
      assert.deepEqual(http('0.0.0.0:9000'), { host: '0.0.0.0', port: 9000 })
      assert.deepEqual(http('[::1]:9000'), { host: '::1', port: 9000 })
      assert.deepEqual(http('my-host.example:0'), { host: 'my-host.example', port: 0 })
    })

    it('reads times', () => {
      const period = (text: string) => init({ period: text }).sampling?.period

      assert.equal(period('500'), 500)
      assert.equal(period('500ms'), 500)
      assert.equal(period('2s'), 2_000)
      assert.equal(period('1.5m'), 90_000)
    })

    it('takes a member without a peer id, and by name', () => {
      const { sampling } = init({ bootstrap: ['/dns4/first/tcp/4001', '/dnsaddr/example.org'] })
      assert.deepEqual(sampling?.bootstrap?.map(String), ['/dns4/first/tcp/4001', '/dnsaddr/example.org'])
    })

    it('tells the first peer of a network from one that joins', () => {
      assert.deepEqual(init({ bootstrap: [] }).sampling?.bootstrap, [])
      assert.equal(init({}).sampling?.bootstrap, undefined)
    })
  })

  it('hands a newcomer a flag by its name alone, whatever it was switched on by, and none that is off', () => {
    const flags = (argv: Record<string, unknown>, env: Record<string, string> = {}) =>
      sharedArguments(startSettings({ ephemeral: true, ...argv }, env))

    assert.deepEqual(flags({ proximity: true, dimensions: '4' }), ['--dimensions', '4', '--proximity'])
    assert.deepEqual(flags({}, { GOSSIP_PEER_PROXIMITY: 'yes' }), ['--proximity'])
    assert.deepEqual(flags({ proximity: false }, { GOSSIP_PEER_PROXIMITY: 'yes' }), [])
  })

  it('hands a newcomer the variant and the price, and nothing else', () => {
    const settings = startSettings(
      {
        view: '20',
        defence: 'ranking',
        'stamp-bits': '16',
        'max-per-block': '4',
        listen: ['/ip4/0.0.0.0/tcp/4001'],
        ephemeral: true
      },
      { GOSSIP_PEER_PROFILE: 'local' }
    )
    assert.deepEqual(sharedArguments(settings), [
      '--profile',
      'local',
      '--view',
      '20',
      '--defence',
      'ranking',
      '--stamp-bits',
      '16'
    ])
  })
})
