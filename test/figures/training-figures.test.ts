import { it } from 'vitest';
import { drawn, NARROW, WIDE } from '../../src/report/section.ts';
import {
	accuracyFigure,
	evaluationFigure,
	lossFigure,
	rateFigure,
	speedFigure,
} from '../../src/report/training/figures.ts';
import { syntheticTraining } from '../report/synthetic-training.ts';
import { expectSnapshot } from './snapshot.ts';

const one = [syntheticTraining()];
const two = [...one, syntheticTraining({ name: 'normalize', taken: 560, skill: 0.8 })];

it.each([
	['training-loss', lossFigure(one), WIDE],
	['training-accuracy-narrow', accuracyFigure(one), NARROW],
	['training-2ds', evaluationFigure(one)!, WIDE],
	['training-2ds-two-runs', evaluationFigure(two)!, WIDE],
	['training-rate', rateFigure(one), WIDE],
	['training-rate-two-runs', rateFigure(two), WIDE],
	['training-speed', speedFigure(one), WIDE],
])('%s', (name, figure, width) => expectSnapshot(name, drawn(figure, width)));
