/** Seeded randomness, the same on every platform. Nothing that reaches a result draws from anywhere else. */

export interface Rng {
	/** Uniform in [0, 1), 32 bits of it. */
	next(): number;
	/** Uniform whole number in [0, n). */
	int(n: number): number;
	/** Standard normal (Box-Muller). Its last bit is the engine's: log and cos are not the same everywhere. */
	normal(): number;
	/** One element, each with equal chance. */
	pick<T>(items: readonly T[]): T;
	/** A new array in random order (Fisher-Yates); the given one is untouched. */
	shuffle<T>(items: readonly T[]): T[];
	/** The numbers 0 … n−1 in random order. */
	permutation(n: number): number[];
}

/** FNV-1a over UTF-16 code units, 32 bits. */
function hash(text: string): number {
	let h = 0x811c9dc5;
	for (let i = 0; i < text.length; i++) {
		h ^= text.charCodeAt(i);
		h = Math.imul(h, 0x01000193);
	}
	return h >>> 0;
}

/** splitmix32, used only to spread a seed over the four words of state. */
function splitmix32(state: number): () => number {
	let s = state;
	return () => {
		s = (s + 0x9e3779b9) | 0;
		let z = s;
		z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
		z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
		return (z ^ (z >>> 15)) >>> 0;
	};
}

/**
 * A generator for `seed` and a path of names: `rng(1, 'scene', 42)` is independent of `rng(1, 'scene', 43)`, so that
 * adding draws in one place never moves those in another. xoshiro128** (Blackman and Vigna, 2018).
 */
export function rng(seed: number, ...path: (string | number)[]): Rng {
	const spread = splitmix32(hash(JSON.stringify([seed, ...path])));
	let [a, b, c, d] = [spread(), spread(), spread(), spread()];

	const uint32 = () => {
		const x = Math.imul(b, 5);
		const result = Math.imul((x << 7) | (x >>> 25), 9) >>> 0;
		const t = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= t;
		d = (d << 11) | (d >>> 21);
		return result;
	};
	const next = () => uint32() / 2 ** 32;
	const int = (n: number) => Math.floor(next() * n);
	const shuffle = <T>(items: readonly T[]) => {
		const out = [...items];
		for (let i = out.length - 1; i > 0; i--) {
			const j = int(i + 1);
			[out[i], out[j]] = [out[j]!, out[i]!];
		}
		return out;
	};
	return {
		next,
		int,
		normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
		pick: (items) => items[int(items.length)]!,
		shuffle,
		permutation: (n) => shuffle(Array.from({ length: n }, (_, i) => i)),
	};
}
