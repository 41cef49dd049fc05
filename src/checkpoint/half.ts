/** Conversions between float32 and the two 16-bit float formats of checkpoints, by bit arithmetic. */

/** The float32 bits of one binary16 value. Every such value is exact in float32. */
function widen(half: number): number {
	const sign = (half & 0x8000) << 16;
	const exponent = (half >> 10) & 0x1f;
	const fraction = half & 0x3ff;
	if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
	if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
	if (fraction === 0) return sign;
	// Subnormal, fraction · 2^-24: shift the leading one into its implicit place.
	const shift = Math.clz32(fraction) - 21;
	return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

let table: Uint32Array | undefined;

/** binary16 bits → float32, through a table of all 65,536 values made on first use. */
export function decodeFloat16(halves: Uint16Array): Float32Array {
	table ??= Uint32Array.from({ length: 0x10000 }, (_, half) => widen(half));
	const bits = new Uint32Array(halves.length);
	for (let i = 0; i < halves.length; i++) bits[i] = table[halves[i]!]!;
	return new Float32Array(bits.buffer);
}

/** bfloat16 bits → float32: the upper half of the same bits. */
export function decodeBfloat16(halves: Uint16Array): Float32Array {
	const bits = new Uint32Array(halves.length);
	for (let i = 0; i < halves.length; i++) bits[i] = halves[i]! << 16;
	return new Float32Array(bits.buffer);
}

function bitsOf(values: Float32Array): Uint32Array {
	return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** The binary16 bits nearest to a float32 given by its bits; ties go to the even one, 65,520 and above to infinity. */
function narrow(bits: number): number {
	const sign = (bits >>> 16) & 0x8000;
	const magnitude = bits & 0x7fffffff;
	if (magnitude > 0x7f800000) return sign | 0x7e00;
	if (magnitude >= 0x477ff000) return sign | 0x7c00;
	if (magnitude >= 0x38800000) {
		const rebiased = magnitude - (112 << 23);
		return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
	}
	// Up to half of the smallest subnormal, 2^-25, all rounds to zero.
	if (magnitude <= 0x33000000) return sign;
	const shift = 126 - (magnitude >>> 23);
	const significand = (magnitude & 0x7fffff) | 0x800000;
	const whole = significand >>> shift;
	const rest = significand & ((1 << shift) - 1);
	const half = 1 << (shift - 1);
	return sign | (whole + (rest > half || (rest === half && (whole & 1) === 1) ? 1 : 0));
}

/** float32 → binary16 bits, round to nearest even. */
export function encodeFloat16(values: Float32Array): Uint16Array {
	const bits = bitsOf(values);
	const halves = new Uint16Array(values.length);
	for (let i = 0; i < halves.length; i++) halves[i] = narrow(bits[i]!);
	return halves;
}

/** float32 → bfloat16 bits, round to nearest even. */
export function encodeBfloat16(values: Float32Array): Uint16Array {
	const bits = bitsOf(values);
	const halves = new Uint16Array(values.length);
	for (let i = 0; i < halves.length; i++) {
		const x = bits[i]!;
		const isNan = (x & 0x7fffffff) > 0x7f800000;
		halves[i] = isNan ? (x >>> 16) | 0x40 : (x + 0x7fff + ((x >>> 16) & 1)) >>> 16;
	}
	return halves;
}
