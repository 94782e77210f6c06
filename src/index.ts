/**
 * gossip-peer: gossip protocols as libp2p services. Each part can be imported by itself too, such as
 * `gossip-peer/sampling`; a whole peer, with identity and storage, is in `gossip-peer/peer`.
 *
 * @packageDocumentation
 */
export * from './sampling/index.ts'
