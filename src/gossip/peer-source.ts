/** What a protocol above peer sampling is handed of it: random members of the network, for each node of a population. */
export interface PeerSource {
  /** A random member of the node's view, or `NOBODY` when it is empty. */
  sample(node: number): number

  /**
   * Writes the members of the node's view to the beginning of `out`, as many as it holds.
   *
   * @returns how many
   */
  members(node: number, out: Int32Array): number
}
