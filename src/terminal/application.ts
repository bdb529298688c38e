import { NestFactory } from '@nestjs/core';
import { CommandBus, type Command } from '@nestjs/cqrs';
import { AppModule, type AppOptions } from '#app.module.js';
import { ScratchStore, type Scratch } from '#audit/scratch.js';
import { dispatch } from '#doors/dispatch.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { LogAbsent, type Log } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { loadNative } from '#trainer/native.js';
import { BadInput } from './failures.js';
import { ScreenListener } from './screen-listener.js';
import type { Screen } from './screen.js';

/** The application over one data folder, as every command uses it. */
export type Application = Readonly<{
  ports: LoopPorts;
  log: Log;
  artifacts: Artifacts;
  listener: ScreenListener;
  /** Checks what came from outside, then sends it. */
  send<R>(command: Command<R>): Promise<R>;
  scratch(): Scratch;
  close(): Promise<void>;
}>;

/** Before anything is opened: an instruction set that this machine lacks would only be refused by the first training. */
const checkIsa = (asked: string): void => {
  const { isa } = loadNative().backends();
  if (isa.some(({ name, available }) => available && name === asked)) return;
  const there = isa.filter(({ available }) => available).map(({ name }) => name);
  throw new BadInput(`--isa ${asked}: not on this machine; there are ${there.join(', ')}`);
};

/** @throws BadInput, LogAbsent, LogInUse, LogDamaged, LogUnwritable */
export const openApplication = async (place: AppOptions, screen: Screen): Promise<Application> => {
  if (place.isa !== undefined) checkIsa(place.isa);
  const listener = new ScreenListener(screen);
  const context = await NestFactory.createApplicationContext(AppModule.forData({ ...place, listener }), {
    logger: false,
    abortOnError: false,
  }).catch((error: unknown) => {
    if (error instanceof LogAbsent)
      throw new LogAbsent(`--data ${place.data}: there is no log in it yet; \`demo\` or \`run start\` makes one`);
    throw error;
  });
  const ports = context.get(LoopPorts);
  const { log } = ports.ledger;
  return {
    ports,
    log,
    artifacts: ports.artifacts,
    listener,
    send: (command) => dispatch(context.get(CommandBus), command),
    scratch: () => context.get(ScratchStore).open(ports.artifacts),
    close: () => context.close(),
  };
};
