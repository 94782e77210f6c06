/** The greatest age that a message holds: older is as old. */
const MAX_AGE = 0xffff

/** What two members tell each other: whom they know, and which events they have had. A reusable buffer. */
export class LinkMessage {
  /** Whose it is, and for whom: one peer may have many members. */
  from = -1
  to = -1
  /** The sender asks for nothing any more: it is to be forgotten. */
  leaving = false
  /** Members that may be of use to the receiver, and rounds since each of them has spoken for itself. Neither of the two is among them. */
  readonly offers: Int32Array
  readonly offerAges: Uint16Array
  offered = 0
  /** Whom the sender knows among those that overlap it: it need not be told of them. */
  readonly known: Int32Array
  readonly knownAges: Uint16Array
  knowing = 0
  /** Ids of events that the sender has had lately and that the receiver asks for. */
  readonly events: string[] = []

  /**
   * @param offers - most members that it can offer
   * @param known - most members that it can say are known
   */
  constructor(offers: number, known: number) {
    this.offers = new Int32Array(offers)
    this.offerAges = new Uint16Array(offers)
    this.known = new Int32Array(known)
    this.knownAges = new Uint16Array(known)
  }

  /** Bytes of its arrays. */
  get byteLength(): number {
    const { offers, offerAges, known, knownAges } = this
    return offers.byteLength + offerAges.byteLength + known.byteLength + knownAges.byteLength
  }

  clear(from: number, to: number): void {
    this.from = from
    this.to = to
    this.leaving = false
    this.offered = 0
    this.knowing = 0
    this.events.length = 0
  }

  offer(member: number, age: number): void {
    if (this.offered < this.offers.length) {
      this.offers[this.offered] = member
      this.offerAges[this.offered++] = Math.min(age, MAX_AGE)
    }
  }

  know(member: number, age: number): void {
    if (this.knowing < this.known.length) {
      this.known[this.knowing] = member
      this.knownAges[this.knowing++] = Math.min(age, MAX_AGE)
    }
  }
}
