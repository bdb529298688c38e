import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { registerExperiment } from '#experiment/domain/experiment.js';
import type { Registration } from '#experiment/domain/registration.js';
import { parseRegistration } from '#experiment/parse-registration.js';

const FOLDER = 'studies';
const MOST_BYTES = 65_535;
/** Fields around the data of a record take less. */
const AROUND = 2_000;

type Written = Readonly<{ experiment: string; pairedWith?: string }>;
const written = readdirSync(FOLDER).map((name) => {
  return { name, file: parse(readFileSync(`${FOLDER}/${name}`, 'utf8')) as Written };
});

it('every study can be registered, under the name of its file', () => {
  const others: Registration[] = [];
  const alone = written.filter(({ file }) => file.pairedWith === undefined);
  const paired = written.filter(({ file }) => file.pairedWith !== undefined);
  for (const { name, file } of [...alone, ...paired]) {
    const registration = parseRegistration(file, others);
    expect(name).toBe(`${registration.experiment}.yaml`);
    const decision = registerExperiment(registration, { runs: new Set(), others });
    const [event] = decision({ status: 'absent' });
    expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(MOST_BYTES - AROUND);
    if (name.includes('quick')) expect(registration.question).toMatch(/^UNDERPOWERED/);
    others.push(registration);
  }
});
