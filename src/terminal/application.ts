import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { CommandBus, type Command } from '@nestjs/cqrs';
import { AppModule, type AppOptions, type Computing } from '#app.module.js';
import { ScratchStore, type Scratch } from '#audit/scratch.js';
import { dispatch } from '#doors/dispatch.js';
import type { ProgressTold } from '#doors/progress-feed.js';
import type { Artifacts } from '#ledger/artifacts.js';
import { LogAbsent, type Log } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import type { HttpService } from '#store/http-service.js';
import { NativeTrainer } from '#trainer/train-natively.js';
import { checkMachine } from './machine.js';
import { ScreenListener } from './screen-listener.js';
import type { Screen } from './screen.js';

/** The application over one data folder or service, as every command uses it. */
export type Application = Readonly<{
  ports: LoopPorts;
  log: Log;
  artifacts: Artifacts;
  listener: ScreenListener;
  /** Trains in this process, whoever trains for the loop. */
  trainer: NativeTrainer;
  /** Checks what came from outside, then sends it. */
  send<R>(command: Command<R>): Promise<R>;
  scratch(): Scratch;
  close(): Promise<void>;
}>;

const applicationOf = async (module: DynamicModule, listener: ScreenListener): Promise<Application> => {
  const context = await NestFactory.createApplicationContext(module, { logger: false, abortOnError: false });
  const ports = context.get(LoopPorts);
  const { log } = ports.ledger;
  return {
    ports,
    log,
    artifacts: ports.artifacts,
    listener,
    trainer: context.get(NativeTrainer),
    send: (command) => dispatch(context.get(CommandBus), command),
    scratch: () => context.get(ScratchStore).open(ports.artifacts),
    close: () => context.close(),
  };
};

/** @throws BadInput, LogAbsent, LogInUse, LogDamaged, LogUnwritable */
export const openApplication = async (place: AppOptions, screen: Screen): Promise<Application> => {
  checkMachine(place);
  const listener = new ScreenListener(screen);
  return applicationOf(AppModule.forData({ ...place, listener }), listener).catch((error: unknown) => {
    if (error instanceof LogAbsent)
      throw new LogAbsent(
        `--data ${place.data}: there is no log in it yet; \`demo\`, \`run start\` or \`experiment register\` makes one`,
      );
    throw error;
  });
};

/** The application over what a service answers, to read only; says so when the service is away. */
export const openAtService = async (
  service: HttpService,
  computing: Computing,
  screen: Screen,
): Promise<Application> => {
  checkMachine(computing);
  const listener = new ScreenListener(screen);
  let away = false;
  const hearing = {
    progress: (told: ProgressTold) => listener.hear(told),
    trouble: (message: string | null) => {
      if (message !== null && !away) screen.say(`${message}; asking again …`);
      if (message === null && away) screen.say(`${service.url} answers again.`);
      away = message !== null;
    },
  };
  return applicationOf(AppModule.forReading({ ...computing, service, hearing, listener }), listener);
};
