import type { Expected, Forecast, Remembered } from './forecast.js';
import type { Memory } from './settings.js';
import type { Score } from './skill.js';

const NAMES: Readonly<Record<Score['of'], string>> = {
  skillGain: 'the gain in skill',
  generalChangeBitsPerByte: 'the change of general text',
  klToChampionNatsPerByte: 'the distance from the champion',
  acceptance: 'acceptance',
};

const figure = (value: number): string => String(Number(value.toPrecision(3)));

const scoreSentence = ({ of, score, count, forecast, climatology, skill }: Score): string => {
  const how =
    skill === null || skill === 0
      ? 'as good as'
      : `${Math.abs(skill * 100).toFixed(0)}% ${skill > 0 ? 'better than' : 'worse than'}`;
  const name = score === 'crps' ? 'CRPS' : 'Brier score';
  return `of ${NAMES[of]} ${how} it (${name} ${figure(forecast)} against ${figure(climatology)}, ${count} known)`;
};

/** Whether the forecasts of a run with such a memory were better than its own past, quantity by quantity. */
export const skillSentence = ({ predictive }: Pick<Memory, 'predictive'>, scores: readonly Score[]): string => {
  if (!predictive) return 'the run makes no forecasts';
  const said = scores.filter(({ score }) => score !== 'log').map(scoreSentence);
  if (said.length === 0) return 'no outcome of a forecast is known yet';
  return `against the run's own past, forecasts ${said.join('; ')}`;
};

const about = ({ mean, sd }: Expected, digits: number): string =>
  `${mean < 0 ? '' : '+'}${mean.toFixed(digits)} ± ${sd.toFixed(digits)}`;

/** What a proposal foresees. */
export const forecastSentence = (forecast: Forecast): string => {
  const { skillGain, generalChangeBitsPerByte, klToChampionNatsPerByte: kl, acceptance } = forecast;
  const then = `skill ${about(skillGain, 3)} of a guess's loss and general text ${about(generalChangeBitsPerByte, 3)} bits per byte`;
  return `accepted with probability ${acceptance.toFixed(2)}, then ${then}; KL ${kl.mean.toFixed(4)} ± ${kl.sd.toFixed(4)} nats/byte to the champion`;
};

/** What an update is shown again. @param replayPpm the share of its sequences that its regime replays */
export const memorySentence = ({ count, replayWeightsPpm }: Remembered, replayPpm: number): string => {
  if (count === 0) return 'nothing is remembered yet';
  if (replayPpm === 0) return `${count} sequences remembered, of which this regime replays none`;
  const shares = Object.entries(replayWeightsPpm).map(([name, ppm]) => `${name} ${(ppm / 10_000).toFixed(1)}%`);
  return `${count} sequences remembered; replay is of ${shares.join(', ')}`;
};
