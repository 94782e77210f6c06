const ADDRESS = '/ip4/192.168.1.5/tcp/4001/p2p/12D3KooW...'

/** What the help of each verb shows. */
export const EXAMPLES: Record<string, Array<[command: string, says: string]>> = {
  start: [
    ['$0 --bootstrap', 'The first peer of a network; it prints the command that joins it'],
    [`$0 --bootstrap ${ADDRESS}`, 'Join a network through one of its members'],
    ['$0', 'Run again: rejoin through the members that it remembers'],
    ['$0 --bootstrap --listen /ip4/0.0.0.0/tcp/4001', 'Always the same port'],
    ['$0 --ephemeral --mdns', 'Keep nothing; find others on the local network'],
    ['$0 --profile wan --http 8900', 'Across the internet; http://127.0.0.1:8900/status'],
    ['$0 --torus 50x50 --position 12,7', 'Take a place on a torus: neighbours and routes'],
    ['$0 --proximity', 'Find the peers nearest in latency, see nearest'],
    ["$0 --subscribe 'price in [10, 20)'", 'Print events by what is in them, as they come'],
    ['$0 --value load=cpu --value disk=0.4', 'Add its values to what everybody knows together'],
    ['GOSSIP_PEER_HOME=/var/lib/gossip-peer $0', 'Another home, by its environment variable']
  ],
  status: [
    ['$0 status', 'How the peer of the default home is doing'],
    ['$0 status --home /var/lib/gossip-peer --json', 'Another peer, for a program']
  ],
  peers: [
    ['$0 peers', 'A table of the members in the view'],
    ['$0 peers --json', 'The same as a JSON array']
  ],
  sample: [
    ['$0 sample', 'One random member'],
    ['$0 sample 5 --json', 'Five different ones, as a JSON array']
  ],
  neighbours: [
    ['$0 neighbours', 'North, east, south and west of it'],
    ['$0 neighbours --json', 'The same as a JSON object']
  ],
  route: [
    ['$0 route 30,4', 'A line for each peer on the way'],
    ['$0 route 30,4 --json', 'As a JSON object']
  ],
  aggregate: [
    ['$0 aggregate', 'All aggregates, each with its epoch and age'],
    ['$0 aggregate load', 'One of them'],
    ['$0 aggregate load --json', 'For a program']
  ],
  size: [
    ['$0 size', 'So many, give or take'],
    ['$0 size --json', 'For a program']
  ],
  rtt: [
    ['$0 rtt 12D3KooW...', 'To that peer: predicted, and measured now'],
    ['$0 rtt 12D3KooW... 12D3KooX...', 'Between two others'],
    ['$0 rtt 12D3KooW... --json', 'For a program']
  ],
  coordinate: [
    ['$0 coordinate', 'Its point, its height, and how sure it is'],
    ['$0 coordinate 12D3KooW... --json', 'Those of another peer, as a JSON object']
  ],
  nearest: [
    ['$0 nearest', 'The five nearest, and how far they are'],
    ['$0 nearest 1 --json', 'The nearest one, as a JSON array']
  ],
  subscribe: [
    ["$0 subscribe 'price in [10, 20) and symbol in {AAPL, MSFT}'", 'What is asked for, and nothing else'],
    ["$0 subscribe 'urgent = true' --json", 'A JSON object for each event'],
    ['$0 subscribe --topic news', 'Whatever anybody publishes under a name']
  ],
  publish: [
    [`$0 publish '{"price": 12.5, "symbol": "AAPL"}'`, 'To all who asked for such an event'],
    [`$0 publish '{"kind": "report"}' --payload report.pdf`, 'With a file'],
    ['date | $0 publish --topic news --payload -', 'To a topic']
  ],
  suspects: [
    ['$0 suspects', 'Peers that are named too often for chance, and how often'],
    ['$0 suspects --clear 12D3KooW...', 'One of them is known to be honest']
  ],
  monitor: [
    ['$0 monitor', 'A line for each event'],
    ['$0 monitor --json | grep member:lost', 'Members that stopped answering']
  ],
  id: [
    ['$0 id', 'The peer id'],
    ['$0 id --json', 'As a JSON object']
  ],
  doctor: [
    ['$0 doctor', 'What is wrong, and what to do about it'],
    ['$0 doctor --json && echo fine', 'For a program']
  ],
  stop: [['$0 stop', 'Returns when the peer has left']],
  sim: [
    ['$0 sim sampling', 'A thousand nodes for a hundred rounds'],
    ['$0 sim sampling --preset healer --crash 0.5@30', 'Half of them crash once round 30 is over'],
    ['$0 sim sampling --nodes 100000 --seed 1', 'A hundred times larger; with this seed always the same'],
    ['$0 sim sampling --partition 10..40 --plot a.svg', 'Cut in two, then whole again; as a picture too'],
    ['$0 sim sampling --delay 10ms..300ms', 'By events: messages take time'],
    ['$0 sim uniformity --repeat 5 --json', 'Five seeds, mean and spread, for a program'],
    ['$0 sim hub-attack --preset newscast --plot h.svg', 'Thirty of 10,000 nodes collude'],
    ['$0 sim torus --side 50 --plot torus.svg', 'Nodes find their neighbours on a torus'],
    ['$0 sim aggregation --loss 0.1 --retries 8', 'What is left of an average where messages get lost'],
    ['$0 sim coordinates --latency-matrix times.txt.gz', 'Round trips predicted, of a measured network'],
    ['$0 sim pubsub --placement zipf --crash 0.3@30', 'Who gets the events that they asked for'],
    ['$0 sim --file crash.yaml --csv crash.csv', 'Every combination of the sweep in a file']
  ],
  completion: [
    ['$0 completion >> ~/.bashrc', 'For bash'],
    ['SHELL=zsh $0 completion >> ~/.zshrc', 'For zsh']
  ]
}
