import { expect, it } from '@jest/globals';
import { rounded } from './svg-document.js';

it.each([
  ['M1.239,-0.004L7e-15,3', 'M1.24,0L0,3'],
  ['translate(-2.5e-7,1.5e+2)', 'translate(0,150)'],
  ['10 20', '10 20'],
])('rounds every figure to hundredths, however it is written: %s', (text, said) => expect(rounded(text)).toBe(said));
