import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { amendmentStatement } from '#constitution/domain/constitution.js';
import { constitutionInputSchema } from '#constitution/domain/document.js';
import type { Page } from '#doors/page.js';
import { ed25519 } from '#ledger/ed25519.js';
import { resetStatement } from '#run/domain/lineage.js';
import type { TimelineView } from '#run/timeline.view.js';
import { person } from '../simulation/people.js';
import { smallFile } from '../simulation/small-run.js';
import { temporaryFolder } from './command-line.js';
import { prepareRunIn, untilLast } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

const PAGE = fileURLToPath(new URL('../../../docs/queries.md', import.meta.url));
const BLOCK = /^```(sh|json)\n(.*?)^```$/gms;

/** Commands of the page, each with the answer that the page shows after it, if any. */
type Command = Readonly<{ text: string; shown: unknown }>;

const commandsOf = (page: string): readonly Command[] => {
  const commands: { text: string; shown: unknown }[] = [];
  for (const [, kind, text = ''] of page.matchAll(BLOCK)) {
    // A command begins where a line begins with its word; a quoted body may go over several lines.
    if (kind === 'sh')
      commands.push(...text.split(/^(?=curl )/m).map((each) => ({ text: each.trim(), shown: undefined })));
    const last = commands.at(-1);
    if (kind === 'json' && last) last.shown = JSON.parse(text);
  }
  return commands;
};

/** Where an answer lacks a field that the page shows, or has it as something else. Values are those of another run. */
const lacks = (shown: unknown, found: unknown, path = 'answer'): readonly string[] => {
  if (shown === null || found === null) return [];
  if (Array.isArray(shown)) {
    if (!Array.isArray(found)) return [`${path} is no list`];
    return shown.length === 0 || found.length === 0 ? [] : lacks(shown[0], found[0], `${path}[0]`);
  }
  if (typeof shown !== typeof found) return [`${path} is ${typeof found}, not ${typeof shown}`];
  if (typeof shown !== 'object') return [];
  return Object.entries(shown).flatMap(([key, value]) =>
    key in (found as object)
      ? lacks(value, (found as Record<string, unknown>)[key], `${path}.${key}`)
      : [`${path} has no ${key}`],
  );
};

const parsed = (answer: string): unknown => {
  const [first = ''] = answer.split('\n');
  return JSON.parse(answer.trim().includes('\n') ? first : answer);
};

/** What the page's commands of people take from their surroundings. */
const signed = async (service: ServiceProcess): Promise<NodeJS.ProcessEnv> => {
  const ada = person('ada');
  const { constitution } = smallFile('small') as { constitution: { name: string; alphaPlan: { kMax: number } } };
  const { name, alphaPlan } = constitution;
  const [before, after] = [constitution, { ...constitution, alphaPlan: { ...alphaPlan, kMax: 2 * alphaPlan.kMax } }];
  const change = { document: constitutionInputSchema.parse(after), reason: 'a longer study' };
  const known = { versions: [constitutionInputSchema.parse(before)] };
  const { champion } = (await service.get<{ champion: { checkpoint: string } }>('/v1/runs/small')).body;
  const reset = { run: 'small', anchor: champion.checkpoint, root: 'small', reason: 'a new phase' };
  return {
    SECRET: await service.secret(),
    PUBLIC_KEY: ada.publicKey,
    RULES: name,
    DOCUMENT: JSON.stringify(after),
    AMENDED: ada.signs(amendmentStatement(known, change, ed25519.digest)).signature,
    RESET: ada.signs(resetStatement(reset)).signature,
  };
};

const noCurl = spawnSync('curl', ['--version']).error ? 'curl is not installed' : undefined;

if (noCurl !== undefined) it.skip(`docs/queries.md [skipped: ${noCurl}]`, () => undefined);
else
  describe('docs/queries.md', () => {
    const folder = temporaryFolder();
    let service: ServiceProcess;
    let env: NodeJS.ProcessEnv;

    beforeAll(async () => {
      const data = folder.path('asked');
      await prepareRunIn(data, smallFile('small'));
      service = await ServiceProcess.start(data, '--log-level', 'silent');
      await untilLast(data, 'run-small', ({ type }) => type === 'RunCompleted');
      const { body } = await service.until<Page<TimelineView>>(
        '/v1/runs/small/events?type=VerdictReached',
        ({ status, body: page }) => status === 200 && page.items.length > 0,
      );
      const position = String(body.items[0]?.position);
      env = { ...process.env, URL: service.url, RUN: 'small', POSITION: position, ...(await signed(service)) };
    }, 120_000);
    afterAll(() => service.stop());

    const run = (command: string): Promise<string> =>
      new Promise((resolve, reject) => {
        execFile('bash', ['-euo', 'pipefail', '-c', command], { env }, (error, stdout, stderr) =>
          error ? reject(new Error(`${command}: ${error.message}${stderr}`)) : resolve(stdout),
        );
      });

    it.each(commandsOf(readFileSync(PAGE, 'utf8')).map(({ text, shown }) => [text, shown] as const))(
      '%s',
      async (command, shown) => {
        const answer = await run(command);
        expect(answer.trim()).not.toBe('');
        if (shown === undefined) return;
        const found = parsed(answer);
        // GraphQL answers a command that it refuses with null and a reason, as a 200.
        expect(found).not.toHaveProperty('errors');
        expect(lacks(shown, found)).toEqual([]);
      },
    );

    it('a slip of the pen in a metric is refused, and one that this run has is answered', async () => {
      const asked = (metric: string) => service.get(`/v1/runs/small/drift?metric=${metric}`);
      expect(await asked('kl')).toMatchObject({
        status: 400,
        body: { detail: expect.stringMatching(/^metric: "kl" is not allowed: run small has .*kl-to-champion/) },
      });
      expect((await asked('kl-to-champion')).status).toBe(200);
    });
  });
