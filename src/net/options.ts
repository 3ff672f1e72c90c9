/** Where a transport of sockets listens, and what it tells those who are to call. */
export interface PlaceOptions {
  /**
   * The address or name of this machine that it listens at; default '127.0.0.1', which only this machine reaches. '0.0.0.0'
   * and '::' are all that it has: say with `advertise` which of them others shall call.
   */
  readonly host?: string
  /** 0, the default, takes any that is free. */
  readonly port?: number
  /** What the listener's address names in place of host and port: 'HOST' or 'HOST:PORT', as others reach it through a forwarded port. */
  readonly advertise?: string
}
