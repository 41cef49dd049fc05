import { describe, expect, it } from 'vitest';
import {
	count,
	interval,
	list,
	mark,
	meanText,
	percent,
	plural,
	points,
	powerOfTen,
	pValue,
	significant,
	sizesByModel,
	withPercent,
} from './format.ts';

describe('numbers as printed', () => {
	it('percent with one decimal, a true minus and no negative zero', () => {
		expect(percent(0.84234)).toBe('84.2');
		expect(percent(-0.0085)).toBe('−0.9');
		expect(percent(-0.0004)).toBe('0.0');
		expect(withPercent(1)).toBe('100.0\u202f%');
	});

	it('sizes once for all models that share them', () => {
		const measured = ['a', 'b', 'c'].map((model, i) => ({ model, result: { images: i === 1 ? 1 : 9 } }));
		expect(sizesByModel(measured, ({ images }) => plural(images, 'image'))).toBe('a and c: 9 images; b: 1 image');
	});

	it('differences with their sign', () => {
		expect([points(0.02), points(-0.02), points(0.0001), points(-0.0001)]).toEqual(['+2.0', '−2.0', '0.0', '0.0']);
	});

	it('powers of ten for an axis, and means with their interval', () => {
		expect([1e-12, 0.01, 0.1, 1, 10, 1000, 2, 50].map(powerOfTen)).toEqual([
			'10⁻¹²',
			'10⁻²',
			'0.1',
			'1',
			'10',
			'10³',
			'',
			'',
		]);
		expect(meanText({ mean: -0.00012345, low: -0.5, high: 0.25 })).toBe('−1.23e−4 [−0.500,\u00a00.250]');
	});

	it('intervals that a line break cannot divide', () => {
		expect(interval([0.8291, 0.8549])).toBe('[82.9,\u00a085.5]');
		expect(interval([-0.01, 0.02], points)).toBe('[−1.0,\u00a0+2.0]');
	});

	it('counts, p values, quantities, words', () => {
		expect([count(3000), count(10_000), count(1_234_567)]).toEqual(['3000', '10\u202f000', '1\u202f234\u202f567']);
		expect([pValue(0.0004), pValue(0.0321), pValue(1)]).toEqual(['< 0.001', '0.032', '1.000']);
		expect([significant(25.118), significant(0.79432), significant(-1234.5), significant(0)]).toEqual([
			'25.1',
			'0.794',
			'−1230',
			'0',
		]);
		expect([significant(1.5e7), significant(0.00001234)]).toEqual(['1.50e+7', '1.23e−5']);
		expect([1.3, 0.3, 27, 1, 0.00123, 999.6, 99_960, 0.0009996].map(significant)).toEqual([
			'1.30',
			'0.300',
			'27.0',
			'1.00',
			'0.00123',
			'1000',
			'1.00e+5',
			'0.00100',
		]);
		expect([0.1, 0, 1, 10, 1000, -0.5, 0.30000000000000004].map(mark)).toEqual([
			'0.1',
			'0',
			'1',
			'10',
			'1000',
			'−0.5',
			'0.3',
		]);
		expect([plural(1, 'question'), plural(2, 'question')]).toEqual(['1 question', '2 questions']);
		expect([list([]), list(['a']), list(['a', 'b']), list(['a', 'b', 'c'])]).toEqual([
			'',
			'a',
			'a and b',
			'a, b and c',
		]);
	});
});
