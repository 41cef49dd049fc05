import { expect, test } from 'vitest';
import type { PromptSpans } from '../text/text.ts';
import { attentionShares, crossModalBalance } from './balance.ts';

const spans: PromptSpans = { bos: [0, 1], system: [1, 3], lead: [3, 4], vision: [4, 7], user: [7, 9], tail: [9, 10] };

test('shares of a row by what its keys are; the answer is what follows the prompt', () => {
	const row = Float32Array.of(0.25, 0.125, 0.125, 0.0625, 0.125, 0, 0.0625, 0.125, 0, 0.0625, 0.03125, 0.03125);
	expect(attentionShares(row, spans)).toEqual({ bos: 0.25, system: 0.25, vision: 0.1875, user: 0.25, answer: 0.0625 });
	expect(crossModalBalance(row, spans)).toBeCloseTo(0.1875 / 0.4375, 12);
});

test('a row that sees neither the image nor the user has no balance', () => {
	expect(crossModalBalance([1, 0, 0, 0, 0, 0, 0, 0, 0, 0], spans)).toBeUndefined();
});
