import {
  calibrationFigures,
  decodeCalibration,
  documentBriers,
  encodeCalibration,
  type CalibrationResults,
} from './calibration-results.js';
import { ECE_BINS } from './calibration.js';

const document = { brierSum: 1, correct: 1, covered: null, id: 'a', nllNats: 2, scored: 2, setSizeSum: null };
/** Of four bytes, bins 3, 7, 11 and 14 hold one each, since a bin ends at floor(4 (b + 1) / 15). */
const sureness: Readonly<Record<number, number>> = { 3: 0.9, 7: 0.8, 11: 0.6, 14: 0.5 };
const results: CalibrationResults = {
  confidenceSums: Array.from({ length: ECE_BINS }, (_, bin) => sureness[bin] ?? 0),
  documents: [document, { ...document, id: 'b', brierSum: 0.4, nllNats: 1, correct: 2, covered: 1, setSizeSum: 5 }],
  evaluator: 'native',
  right: '1101',
  suite: 'gate',
  threshold: 0.03,
};

describe('results of calibration', () => {
  it('give every figure', () => {
    expect(calibrationFigures(results)).toEqual({
      documents: 2,
      scoredBytes: 4,
      ece: expect.closeTo((0.1 + 0.2 + 0.6 + 0.5) / 4, 12),
      brier: expect.closeTo((0.5 + 0.2) / 2, 12),
      nllNatsPerByte: 0.75,
      aurc: expect.closeTo((1 / 3 + 1 / 4) / 4, 12),
      coverage: 0.5,
      setSizeMean: 2.5,
    });
    expect(documentBriers(results)).toEqual([0.5, 0.2]);
  });

  it('survive their bytes', () => expect(decodeCalibration(encodeCalibration(results))).toEqual(results));

  it('have no figure where something is not finite', () => {
    const broken = { ...results, confidenceSums: null, documents: [{ ...document, brierSum: null, nllNats: null }] };
    expect(calibrationFigures({ ...broken, right: '10' })).toMatchObject({ ece: null, brier: null, aurc: null });
    expect(documentBriers(broken)).toEqual([NaN]);
  });

  it('count every byte once', () => {
    expect(() => encodeCalibration({ ...results, right: '1100' })).toThrow('3 of 4 bytes right, but the order has 2');
    expect(() => encodeCalibration({ ...results, right: '11010' })).toThrow('of 5');
  });

  it.each([
    ['spaces', (text: string) => text.replace(':', ': ')],
    ['a field too many', (text: string) => text.replace('{', '{"more":1,')],
    ['a bin too few', (text: string) => text.replace('[0,', '[')],
    ['no JSON', () => '{'],
  ])('are refused with %s', (_, change) => {
    const text = change(new TextDecoder().decode(encodeCalibration(results)));
    expect(() => decodeCalibration(new TextEncoder().encode(text))).toThrow('calibration results');
  });
});
