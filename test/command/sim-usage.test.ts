import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { withinFolder } from '../support/command.ts'
import { runHere } from '../support/run-here.ts'

/** Arguments of `sim` that are wrong, and what the one line about them says. */
const WRONG: Array<[args: string, says: string]> = [
  ['', 'sim: which experiment? There are: sampling, uniformity, hub-attack, torus, aggregation, coordinates'],
  ['smapling', 'sim: "smapling" is no experiment (did you mean sampling?)'],
  [
    'frobnicate',
    'sim: "frobnicate" is no experiment (there are: sampling, uniformity, hub-attack, torus, aggregation, coordinates, pubsub)'
  ],
  ['constructor', 'sim: "constructor" is no experiment'],
  ['sampling again', 'again: sim takes no further words (see gossip-peer sim --help)'],
  ['sampling --nodse 3', '--nodse: unknown option (did you mean --nodes?)'],
  ['sampling --frobnicate', '--frobnicate: unknown option (see gossip-peer sim --help)'],
  ['sampling --listen /ip4/1.2.3.4/tcp/1', '--listen: not an option of sim (it belongs to start)'],
  ['uniformity --crash 0.5@20', '--crash: not an option of sim uniformity'],
  ['sampling --lag 3', '--lag: not an option of sim sampling'],
  ['sampling --nodes 1', '--nodes: "1" is not a whole number of at least 2'],
  ['sampling --nodes 1e9', '--nodes: "1e9" is not a whole number'],
  ['sampling --nodes 99999999999', '--nodes: 99999999999 is not a whole number from 2 to 8388608'],
  ['uniformity --nodes 2', '--nodes: 2 is not a whole number from 3'],
  ['sampling --nodes 10 --nodes 20', '--nodes: given 2 times, but it takes one value'],
  ['sampling --rounds 0', '--rounds: "0" is not a whole number of at least 1'],
  ['sampling --view 300', '--view: "300" is not a whole number from 2 to 200'],
  ['sampling --view 10 --healer 3 --swapper 3', '--healer + --swapper: 3 + 3 is more than half of the view of 10'],
  ['sampling --preset cyclon --healer 3', '--healer: the preset cyclon has its own exchange'],
  ['sampling --preset fast', '--preset: "fast" is none of default, swapper, healer, blind, cyclon, newscast'],
  ['sampling --peer-selection best', '--peer-selection: "best" is none of rand, tail'],
  ['sampling --start ring', '--start: "ring" is none of random, lattice, star'],
  ['sampling --mode both', '--mode: "both" is none of rounds, events'],
  ['sampling --loss 2', '--loss: "2" is not a share from 0 to 1 (example: 0.05)'],
  ['sampling --churn -0.1', '--churn: "-0.1" is not a share from 0 to 1'],
  ['sampling --crash 0.5', '--crash: "0.5" is not a share of the nodes and a round (example: 0.5@20)'],
  ['sampling --crash 0.5@20 --crash x', '--crash: "x" is not a share of the nodes and a round'],
  ['sampling --crash -0.5@2', '--crash: "-0.5@2" is not a share of the nodes'],
  ['sampling --period -1s', '--period: "-1s" is not a time'],
  ['sampling --plot same.svg --csv same.svg', 'same.svg is the file of --csv already'],
  ['sampling --seed 9007199254740992', '--seed: "9007199254740992" is not a whole number from 0 to 9007199254740991'],
  ['uniformity --rounds 5', '--rounds: 5 end before the first draw, after round 100'],
  ['sampling --crash 0.5@100', '--crash: round 100 is not one from 0 to 99'],
  ['sampling --no-crash', '--crash: cannot be switched off'],
  ['sampling --join 0.5', '--join: "0.5" is not a share of the nodes'],
  ['sampling --partition 40..10', '--partition: "40..10" is not a span of rounds (examples: 10..40'],
  ['sampling --partition 1..5 --partition 4..8', '--partition: 1..5 and 4..8 overlap'],
  ['sampling --slow 0.1', '--slow: "0.1" is not a share of the nodes and how many times slower they are'],
  ['sampling --period soon', '--period: "soon" is not a time (examples: 500ms, 2s, 1m)'],
  ['sampling --jitter 2', '--jitter: "2" is not a share from 0 to 1'],
  ['sampling --delay soon', '--delay: "soon" is not a delay (examples: 50ms, 10ms..100ms'],
  ['sampling --delay 10ms --mode rounds', '--delay: has a meaning in mode events only'],
  ['sampling --latency-matrix /nonexistent', '--latency-matrix: cannot read /nonexistent (ENOENT)'],
  ['sampling --attackers 3', '--attackers: not an option of sim sampling'],
  ['hub-attack --nodes 50 --attackers 50', '--attackers: 50 is not a whole number from 0 to 49'],
  ['hub-attack --attackers few', '--attackers: "few" is not a whole number of at least 0'],
  ['hub-attack --attack siege', '--attack: "siege" is none of hub, flood, eclipse, late, cautious, frame, diluted'],
  ['hub-attack --flood 0', '--flood: "0" is not a whole number of at least 1'],
  ['hub-attack --flood 2000', '--flood: 2000 is not a whole number from 1 to 1000'],
  ['hub-attack --honesty 0.5', '--honesty: has a meaning with attack cautious only, and the attack is hub'],
  ['hub-attack --attack cautious --honesty 2', '--honesty: "2" is not a share from 0 to 1'],
  ['hub-attack --rounds 50 --attack-from 50', '--attack-from: 50 is not a whole number from 0 to 49'],
  ['hub-attack --lag 3', '--lag: not an option of sim hub-attack'],
  ['hub-attack --defence walls', '--defence: "walls" is none of none, statistics, ranking'],
  ['torus --side 1', '--side: "1" is not a whole number of at least 2'],
  ['torus --side 3000', '--side: 3000 is not a whole number from 2 to 2000'],
  ['torus --side 10 --torus 10x20', '--torus: either a side or a width and a height, not both'],
  ['torus --torus 10', '--torus: "10" is not a width and a height (example: 128x64)'],
  ['torus --nodes 30', '--nodes: with placement grid there is one for each of the 2500 points'],
  ['torus --placement heap', '--placement: "heap" is none of grid, random'],
  ['torus --selection rand', '--selection: "rand" is none of tman, closest'],
  ['torus --peer-selection tman', '--peer-selection: "tman" is none of rand, tail'],
  ['torus --view 4', '--view: 4 is not a whole number from 5 to 100'],
  ['torus --psi 21', '--psi: 21 is not a whole number from 1 to 20'],
  ['torus --message 1', '--message: 1 is not a whole number from 2 to 100'],
  ['torus --random-view 1', '--random-view: 1 is not a whole number from 2 to 200'],
  ['torus --random-view 0 --selection closest', '--random-view: selection closest asks the random layer'],
  ['torus --random-view 0 --healer 1', '--healer: has a meaning with a random layer only'],
  ['torus --hole 20:0.25', '--hole: "20:0.25" is not a share of the space and a round (example: 0.25@20)'],
  ['torus --hole 0.25@20', '--hole: round 20 is not one from 0 to 19'],
  ['torus --draw 0-5', '--draw: "0-5" is not a list of rounds (example: 0,5,20)'],
  ['torus --draw 0,21', '--draw: 21 is not a whole number from 0 to 20'],
  ['sampling --hole 0.25@20', '--hole: not an option of sim sampling'],
  ['aggregation --function mode', '--function: "mode" is none of average, sum, count, variance, minimum, maximum'],
  ['aggregation --function quantile', '--quantile: must be given: a part from 0 to 1 (example: 0.9)'],
  ['aggregation --quantile 0.5', '--quantile: of the function quantile only; the function is average'],
  ['aggregation --function median --bins 1', '--bins: "1" is not a whole number from 2 to 256'],
  ['aggregation --bins 8', '--bins: of histogram, quantile and median only; the function is average'],
  ['aggregation --range 0', '--range: "0" is not a range of values (example: 0..1)'],
  ['aggregation --range 1..0', '--range: 1 to 0 is none: it goes from a number to a higher one'],
  ['aggregation --range 0..2 --distribution peak --nodes 9', '--range: 0..2 does not hold the values of peak, 0..9'],
  ['aggregation --distribution normal', '--distribution: "normal" is none of uniform, peak, linear'],
  ['aggregation --epoch 3', '--epoch: "3" is not a whole number from 4 to 1000'],
  ['aggregation --retries 65', '--retries: "65" is not a whole number from 0 to 64'],
  ['aggregation --instances 4', '--instances: of count and sum only; the function is average'],
  ['aggregation --function count --instances 0', '--instances: "0" is not a whole number from 1 to 64'],
  ['aggregation --liars 2', '--liars: "2" is not a share from 0 to 1'],
  ['aggregation --liars 1 --nodes 50', '--liars: 1 of 50 nodes leave nobody who is honest'],
  ['aggregation --liars 0.1 --function count', '--liars: a count has no values to lie about'],
  ['aggregation --nodes 8000000 --retries 5', '--nodes: what aggregation keeps at 8000000 nodes takes more than 4 GiB'],
  ['aggregation --lag 3', '--lag: not an option of sim aggregation'],
  ['coordinates --topology ring', '--topology: "ring" is none of line, grid, halves, circle, random, internet'],
  ['coordinates --delay 10ms', '--delay: not an option of sim coordinates'],
  ['coordinates --latency-matrix /nonexistent', '--latency-matrix: cannot read /nonexistent (ENOENT)'],
  ['coordinates --replay x.txt', '--replay: "x.txt" is not a file of round-trip times and a round'],
  ['coordinates --replay /nonexistent@5', '--replay: cannot read /nonexistent (ENOENT)'],
  ['coordinates --dimensions 0', '--dimensions: "0" is not a whole number from 1 to 16'],
  ['coordinates --dimensions 17', '--dimensions: "17" is not a whole number from 1 to 16'],
  ['coordinates --height=tall', '--height: "tall" is neither true nor false'],
  ['coordinates --filter mean', '--filter: "mean" is none of none, median, quartile'],
  ['coordinates --rule own', '--rule: "own" is none of relative, published'],
  ['coordinates --neighbours -1', '--neighbours: "-1" is not a whole number from 0 to 1000'],
  ['coordinates --noise 11', '--noise: "11" is not a share from 0 to 10 (example: 0.1)'],
  ['coordinates --noise loud', '--noise: "loud" is not a share from 0 to 10 (example: 0.1)'],
  ['coordinates --liars 1', '--liars: 1 of 1000 nodes leave no two that are honest'],
  ['coordinates --landmarks 33', '--landmarks: "33" is not a whole number from 0 to 32'],
  ['coordinates --landmarks 8', '--landmarks: 8 are too few for 7 dimensions: at least 9'],
  ['coordinates --landmarks 15 --nodes 14', '--landmarks: 15 of them are more than there are honest nodes, 14'],
  ['coordinates --landmark-dimensions 3', '--landmark-dimensions: has a meaning with landmarks only'],
  ['coordinates --landmarks 15 --landmark-dimensions 17', '--landmark-dimensions: "17" is not a whole number from 1'],
  ['coordinates --nodes 8000000 --filter median', '--nodes: what coordinates keep at 8000000 nodes takes more than 4'],
  ['sampling --proximity', '--proximity: not an option of sim sampling'],
  ['sampling --topology line', '--topology: not an option of sim sampling'],
  ['sampling --epoch 30', '--epoch: not an option of sim sampling'],
  ['sampling --statistics-share 0.1', '--statistics-share: the defence is none'],
  ['sampling --defence ranking --healer 3', '--healer: the defence ranking has its own exchange'],
  ['sampling --seed -1', '--seed: "-1" is not a whole number of at least 0'],
  ['sampling --seed 9007199254740991 --repeat 2', '--seed: 2 seeds from 9007199254740991 on are not all below 2^53'],
  ['sampling --repeat 0', '--repeat: "0" is not a whole number from 1 to 1000'],
  ['sampling --measure-every 0', '--measure-every: "0" is not a whole number of at least 1'],
  ['sampling --json=banana', '--json: "banana" is neither true nor false'],
  ['sampling --csv', '--csv: needs a value'],
  ['sampling --csv /nonexistent/y.csv', '--csv: cannot write /nonexistent/y.csv (ENOENT)'],
  ['sampling --plot x.png', '--plot: "x.png" does not end in .svg'],
  ['sampling --plot /nonexistent/x.svg', '--plot: cannot write /nonexistent/x.svg (ENOENT)'],
  ['--file /nonexistent/x.yaml', '--file: cannot read /nonexistent/x.yaml (ENOENT)']
]

/** Files of experiments that are wrong. */
const WRONG_FILES: Array<[text: string, says: string]> = [
  [
    'nodes: 10',
    'x.yaml: it names no experiment (example: "experiment: sampling"; there are: sampling, uniformity, hub-attack, torus, aggregation, coordinates, pubsub)'
  ],
  ['experiment: smapling', 'x.yaml: experiment: "smapling" is no experiment (did you mean sampling?)'],
  ['- sampling', 'x.yaml: not a list of options (example: "nodes: 1000" on a line)'],
  ['experiment: sampling\nnodse: 3', 'x.yaml: nodse: unknown option (did you mean nodes?)'],
  ['experiment: sampling\nfile: y.yaml', 'x.yaml: file: unknown option'],
  ['experiment: uniformity\ncrash: 0.5@3', 'x.yaml: crash: not an option of sim uniformity'],
  ['experiment: sampling\nnodes: [1, 2]', 'x.yaml: nodes: given 2 times, but it takes one value'],
  ['experiment: sampling\nloss: 2', 'x.yaml: loss: "2" is not a share from 0 to 1'],
  ['experiment: sampling\nsweep: preset', 'x.yaml: sweep: not a list of options with their values'],
  ['experiment: sampling\nsweep: { preset: healer }', 'x.yaml: sweep: preset: not a list of values'],
  ['experiment: sampling\nsweep: { preset: [] }', 'x.yaml: sweep: preset: not a list of values'],
  ['experiment: sampling\nsweep: { prest: [healer] }', 'x.yaml: sweep: prest: unknown option (did you mean preset?)'],
  ['experiment: sampling\nsweep: { preset: [healer, fast] }', 'x.yaml: sweep: preset: "fast" is none of default, '],
  ['experiment: sampling\nsweep: { loss: [[0, 0.1]] }', 'x.yaml: sweep: loss: given 2 times'],
  ['experiment: sampling\nsweep: { csv: [a, b] }', 'x.yaml: sweep: csv: cannot be swept over'],
  ['experiment: uniformity\nsweep: { crash: [0.5@3] }', 'x.yaml: sweep: crash: not an option of sim uniformity'],
  [
    'experiment: sampling\nloss: 0\nsweep: { loss: [0, 1] }',
    'x.yaml: sweep: loss: it has a value outside of the sweep'
  ],
  [
    'experiment: sampling\nview: 10\nhealer: 3\nsweep: { swapper: [2, 3] }',
    'x.yaml: healer + x.yaml: sweep: swapper: 3 + 3 is more than half of the view of 10'
  ],
  [
    `experiment: sampling\nrepeat: 10\nsweep: { seed: [${Array.from({ length: 101 }, (_, i) => i)}] }`,
    'x.yaml: sweep: 101 combinations, each run 10 times, are more than 1000 runs'
  ],
  ['experiment: sampling\nexperiment: sampling', 'x.yaml:2: Map keys must be unique'],
  ['experiment: sampling\nsweep: [', 'x.yaml:2: '],
  ['experiment: sampling\nnodes: *ten', 'x.yaml: Unresolved alias']
]

describe('wrong usage of the simulator', () => {
  let folder: string

  withinFolder(path => {
    folder = path
  })

  async function assertWrong(args: string[], says: string): Promise<void> {
    const { code, stdout, stderr } = await runHere(['sim', ...args])
    assert.equal(code, 2)
    assert.equal(stdout, '')
    assert.match(stderr, /^gossip-peer: [^\n]+\n$/)
    assert.ok(stderr.includes(says), `${JSON.stringify(stderr)} lacks ${JSON.stringify(says)}`)
  }

  for (const [args, says] of WRONG) {
    it(`gossip-peer sim ${args}`, async () => await assertWrong(args.split(' ').filter(Boolean), says))
  }

  for (const [text, says] of WRONG_FILES) {
    it(`a file with ${text.replaceAll('\n', '; ').slice(0, 80)}`, async () => {
      const file = join(folder, 'x.yaml')
      writeFileSync(file, text)
      await assertWrong(['--file', file], says)
    })
  }

  it('leaves no file behind', async () => {
    const output = join(folder, 'output')
    await assertWrong(['sampling', '--csv', `${output}.csv`, '--plot', `${output}.png`], 'does not end in .svg')
    await assertWrong(['sampling', '--nodes', '1', '--csv', `${output}.csv`], '--nodes')
    assert.deepEqual(await readdir(folder), ['x.yaml'])
  })

  it('does not take options from the environment', async () => {
    const args = ['sim', 'sampling', '--nodes', '10', '--rounds', '1', '--seed', '1', '--json']
    const { code, stdout } = await runHere(args, { GOSSIP_PEER_VIEW: '0', GOSSIP_PEER_SEED: '2' })
    assert.equal(code, 0)
    assert.equal(JSON.parse(stdout).seed, 1)
    assert.equal(JSON.parse(stdout).parameters.view, 30)
  })

  it('of other verbs names the verb that has the option', async () => {
    const { stderr } = await runHere(['--nodes', '5', 'status'])
    assert.equal(stderr, 'gossip-peer: --nodes: not an option of status (it belongs to sim)\n')
  })
})
