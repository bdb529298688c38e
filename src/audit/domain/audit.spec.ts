import { auditStream, recordReplay, recordVerification } from './audit.js';
import { IntegrityViolationFound, LogVerified, ReplayCompleted, ReplayDiverged } from './events.js';
import { verification, type Finding } from './finding.js';

const root = 'ab'.repeat(32);
const counts = { events: 7, root, streams: 2, artifacts: 1, artifactBytes: 10, erased: 0, signed: 7 };

describe('the audit stream', () => {
  it('records a sound log as a head and remembers it', () => {
    const decided = recordVerification(verification(counts, []))(auditStream.initial);
    expect(decided).toEqual([LogVerified.of({ events: 7, root, streams: 2, artifacts: 1, artifactBytes: 10 })]);
    expect(decided.reduce(auditStream.evolve, auditStream.initial)).toEqual({
      verified: { size: 7, root },
      tokens: [],
    });
  });

  it('records the first violation and how many there are, and keeps the last sound head', () => {
    const sound = { verified: { size: 5, root }, tokens: [] };
    const findings: readonly Finding[] = [
      { position: null, kind: 'root mismatch', message: 'other root' },
      { position: 6, kind: 'malformed', message: 'no record' },
      { position: 6, kind: 'byte change', message: 'changed' },
    ];
    const decided = recordVerification(verification(counts, findings))(sound);
    const what = { kind: 'byte change', position: 6, message: 'changed' } as const;
    const data = { ...what, findings: 3, disputed: [], events: 7, root };
    expect(decided).toEqual([IntegrityViolationFound.of(data)]);
    expect(decided.reduce(auditStream.evolve, sound)).toEqual(sound);
    expect(() => decided.map((fact) => IntegrityViolationFound.encode(fact.data))).not.toThrow();
  });

  it('never records a sound log where a verdict does not follow from its evidence', () => {
    const told = { run: 'r1', cycle: 2, recorded: '1', recomputed: '2' };
    const disagreements = [
      { ...told, what: 'verdict' },
      { ...told, what: 'alphaSpent' },
      { ...told, what: 'verdict', cycle: 3 },
    ];
    const broken = { ...verification(counts, []), ok: false };
    const decided = recordVerification(broken, disagreements)(auditStream.initial);
    expect(decided[0]).toMatchObject({
      type: 'IntegrityViolationFound',
      data: {
        kind: 'judged otherwise',
        findings: 1,
        disputed: [
          { run: 'r1', cycle: 2 },
          { run: 'r1', cycle: 3 },
        ],
      },
    });
  });

  it('lists the first hundred findings and counts the others', () => {
    const many = Array.from({ length: 130 }, (_, at): Finding => ({
      position: 130 - at,
      kind: 'gap',
      message: 'gone',
    }));
    const result = verification(counts, many);
    expect(result.findings).toHaveLength(100);
    expect(result.findings[0]?.position).toBe(1);
    expect(result.findingsLeftOut).toBe(30);
    expect(recordVerification(result)(auditStream.initial)[0]?.data).toMatchObject({ findings: 130 });
  });
});

describe('a recorded replay', () => {
  const env = { build: 'b', backend: 'reference', threads: 1, elapsedMs: 5 };
  const whole = { run: 'r', cycle: null, cycles: 3, eventsMatched: 40, runDigest: root, divergence: null };

  it('says what was equal', () => {
    const { divergence: _none, eventsMatched: matched, ...said } = whole;
    const decided = recordReplay(whole, env)(auditStream.initial);
    expect(decided).toEqual([ReplayCompleted.of({ ...said, matched, env })]);
    expect(() => decided.map((fact) => ReplayCompleted.encode(fact.data))).not.toThrow();
  });

  it('or names the first thing that was not', () => {
    const divergence = {
      type: 'UpdateProduced',
      revision: 9,
      field: 'candidate',
      recorded: 'a',
      replayed: 'b',
      step: 4,
    };
    const decided = recordReplay({ ...whole, eventsMatched: 8, divergence }, env)(auditStream.initial);
    expect(decided).toEqual([
      ReplayDiverged.of({
        run: 'r',
        cycle: null,
        matched: 8,
        revision: 9,
        event: 'UpdateProduced',
        field: 'candidate',
        step: 4,
        tensor: null,
        message: 'recorded a, replayed b',
        env,
      }),
    ]);
    expect(() => decided.map((fact) => ReplayDiverged.encode(fact.data))).not.toThrow();
  });
});
