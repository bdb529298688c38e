const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/i;

/** Whether only this machine can reach an address or a name. */
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

/** Begins every secret, so that one that lies around is known for what it is. */
export const SECRET_PREFIX = 'pl_';

/** Where the service is bound, whose it is, and the secret by which its owner is known. */
export class Binding {
  readonly loopback: boolean;

  constructor(
    host: string,
    /** Who runs it: the id of its owner and of anybody who asks without a token. */
    readonly owner: string,
    readonly secret: string,
  ) {
    this.loopback = isLoopback(host);
  }
}
