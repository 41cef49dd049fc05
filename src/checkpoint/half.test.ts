import { expect, test } from 'vitest';
import { rng } from '../base/random.ts';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './half.ts';

const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
const f16 = (half: number) => decodeFloat16(Uint16Array.of(half))[0];
const bf16 = (half: number) => decodeBfloat16(Uint16Array.of(half))[0];
const toF16 = (value: number) => encodeFloat16(Float32Array.of(value))[0];
const toBf16 = (value: number) => encodeBfloat16(Float32Array.of(value))[0];

test('every binary16 value is what IEEE 754 says', () => {
	const expected = Float32Array.from(all, (half) => {
		const sign = half & 0x8000 ? -1 : 1;
		const exponent = (half >> 10) & 31;
		const fraction = (half & 1023) / 1024;
		if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
		return exponent === 0 ? sign * 2 ** -14 * fraction : sign * 2 ** (exponent - 15) * (1 + fraction);
	});
	expect(decodeFloat16(all)).toEqual(expected);
});

test.each([
	[0x3c00, 1],
	[0xc000, -2],
	[0x3555, 0.333251953125],
	[0x7bff, 65504],
	[0x0400, 2 ** -14],
	[0x03ff, 1023 * 2 ** -24],
	[0x0001, 2 ** -24],
	[0x8001, -(2 ** -24)],
	[0x0000, 0],
	[0x8000, -0],
	[0x7c00, Infinity],
	[0xfc00, -Infinity],
	[0x7e00, Number.NaN],
])('binary16 %i is %d, both ways', (half, value) => {
	expect(f16(half)).toBe(value);
	expect(toF16(value)).toBe(half);
});

test.each([
	[0x3f80, 1],
	[0xc000, -2],
	[0x4049, 3.140625],
	[0x7f7f, 2 ** 127 * (1 + 127 / 128)],
	[0x0080, 2 ** -126],
	[0x0001, 2 ** -133],
	[0x8000, -0],
	[0x7f80, Infinity],
	[0xff80, -Infinity],
	[0x7fc0, Number.NaN],
])('bfloat16 %i is %d, both ways', (half, value) => {
	expect(bf16(half)).toBe(value);
	expect(toBf16(value)).toBe(half);
});

test('every value survives a round trip; NaN stays NaN', () => {
	for (const [decode, encode] of [
		[decodeFloat16, encodeFloat16],
		[decodeBfloat16, encodeBfloat16],
	] as const) {
		const wide = decode(all);
		const back = encode(wide);
		const wrong = all.filter((half, i) => !Number.isNaN(wide[i]) && back[i] !== half);
		expect([...wrong]).toEqual([]);
		expect(decode(back)).toEqual(wide);
	}
});

test('ties go to the even neighbour', () => {
	expect(toF16(1 + 2 ** -11)).toBe(0x3c00);
	expect(toF16(1 + 3 * 2 ** -11)).toBe(0x3c02);
	expect(toF16(2 ** -25)).toBe(0x0000);
	expect(toF16(3 * 2 ** -25)).toBe(0x0002);
	expect(toF16(65519.996)).toBe(0x7bff);
	expect(toF16(65520)).toBe(0x7c00);
	expect(toF16(-1e30)).toBe(0xfc00);
	expect(toF16(2047 * 2 ** -25)).toBe(0x0400);
	expect(toBf16(1 + 2 ** -8)).toBe(0x3f80);
	expect(toBf16(1 + 3 * 2 ** -8)).toBe(0x3f82);
	expect(toBf16(3.4028234e38)).toBe(0x7f80);
});

test('rounding picks the nearest value at random points of every magnitude', () => {
	const random = rng(1, 'half');
	const values = Float32Array.from({ length: 20_000 }, () => random.normal() * 2 ** (random.int(44) - 28));
	for (const [decode, encode] of [
		[decodeFloat16, encodeFloat16],
		[decodeBfloat16, encodeBfloat16],
	] as const) {
		const halves = encode(values);
		const distance = (at: Uint16Array) => decode(at).map((value, i) => Math.abs(value - values[i]!));
		const here = distance(halves);
		const above = distance(halves.map((half) => half + 1));
		const below = distance(halves.map((half) => half - 1));
		// One step below zero is the largest NaN, which is never nearer.
		const wrong = here.filter((d, i) => Number.isFinite(d) && (d > above[i]! || d > below[i]!));
		expect([...wrong]).toEqual([]);
	}
});
