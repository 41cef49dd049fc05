import { expect, it } from 'vitest';
import { asksThe } from './score-asked.ts';

it.each([
	['Is there a car in the image?\nAnswer in a word.', 'Is there a car in the image?', true],
	['USER: is there  a car\nin the imange? ASSISTANT:', 'Is there a car in the image?', true],
	['Is it true that The car is behind the bus? Answer yes or no.', 'The car is behind the bus.', true],
	['the car is behind the bus', 'The car is behind the bus.', true],
	['The car is behind the bush.', 'The car is behind the bus.', false],
	['The bush is by the bus: the car is behind the bush, the car is behind the bus', 'The car is behind the bus.', true],
	['Is there a dog in the image?', 'Is there a car in the image?', false],
	['图中有猫吗？请回答', '图中有猫吗？', true],
	['anything', '?', false],
	['anything', '', true],
])('%j asks %j: %s', (asked, question, expected) => {
	expect(asksThe(asked, question)).toBe(expected);
});
