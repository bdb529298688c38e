import type { INestApplication } from '@nestjs/common';
import { Admission } from '#access/admission.js';
import { Gateway, type Tls } from '#gateway/gateway.js';
import { Log } from '#ledger/log.js';
import { Clock, Ids } from '#ledger/ports.js';

/** `tls` is needed wherever others than this machine can reach it. */
export type GatewayPlace = Readonly<{ port: number; tls?: Tls }>;

/** Serves the log of an application to clients of an event store, who show the same tokens as over HTTP. */
export const serveGateway = (app: INestApplication, host: string, { port, tls }: GatewayPlace): Promise<Gateway> => {
  const admission = app.get(Admission);
  const admit = (token: string | undefined) => admission.whoIs(token === undefined ? undefined : `Bearer ${token}`);
  const served = { log: app.get(Log), clock: app.get(Clock), ids: app.get(Ids) };
  return Gateway.start({ host, port, ...(tls && { tls }) }, served, admit);
};
