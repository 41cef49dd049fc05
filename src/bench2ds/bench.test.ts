import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodePng } from '../image/png.ts';
import { type BenchOptions, FORMS, generateBench } from './bench.ts';
import { counts } from './counts.ts';
import { CATEGORIES } from './plan.ts';
import { QA_CATEGORIES, type QaPair } from './questions.ts';
import { type BenchRecord, benchRecords, toJsonl, ventralRecords } from './record.ts';
import { MARGIN, RATIO } from './relations.ts';
import { clearance, GAP, PLACEMENTS } from './scene.ts';
import { solve } from './solver.ts';
import { VENTRAL_CATEGORIES } from './ventral.ts';

const options = fc.record({
	seed: fc.integer({ min: 0, max: 1e9 }),
	images: fc.integer({ min: 1, max: 12 }),
	size: fc.integer({ min: 16, max: 700 }),
	form: fc.constantFrom(...FORMS),
	quads: fc.boolean(),
	placement: fc.constantFrom(...PLACEMENTS),
});
const valid = options.map((some): BenchOptions => ({ ...some, images: some.images * (some.quads ? 4 : 1) }));

const sha = (text: string) => bytesToHex(sha256(utf8ToBytes(text)));

function pairsOf(records: readonly BenchRecord[], category: string, form: string): QaPair[] {
	return records.flatMap(({ qa_pairs }) => qa_pairs).filter((qa) => qa.qa_category === category && qa.form === form);
}

/** Every value occurs within `slack` of its share; values that never occur count as well. */
function expectBalance(values: readonly string[], kinds: number, slack: number): void {
	const found = [...counts(values).values()];
	for (const count of [...found, ...Array<number>(kinds - found.length).fill(0)]) {
		expect(Math.abs(count - values.length / kinds), `${[...counts(values)]}`).toBeLessThanOrEqual(slack);
	}
}

it('makes the paper’s layout by default', () => {
	const bench = generateBench();
	const records = benchRecords(bench);
	expect(counts(records.map(({ test_category }) => test_category))).toEqual(
		new Map(CATEGORIES.map((category) => [`${category}_objects`, 100])),
	);
	expect(counts(records.flatMap(({ qa_pairs }) => qa_pairs.map((qa) => qa.qa_category)))).toEqual(
		new Map(
			['color_abs', 'shape_abs', 'shape_color_abs', 'color_rel', 'shape_rel', 'shape_color_rel'].map((c) => [c, 500]),
		),
	);
	for (const category of CATEGORIES) {
		const sets = bench.entries.filter((entry) => entry.category === category).map(({ scene }) => scene.objects);
		const kinds = sets.map((objects) => objects.map(({ color, shape }) => `${color} ${shape}`).join());
		expect(new Set(kinds).size).toBe(1);
	}
	expect(new Set(records.map(({ entry_id }) => entry_id)).size).toBe(500);
});

it('gives the same bytes for the same seed, on every platform', () => {
	const bench = generateBench();
	expect(sha(toJsonl(benchRecords(bench)))).toMatchInlineSnapshot(
		`"8a96a0d2febdda7b234ce83851799b5db34796163cc225717046f15b09147a9b"`,
	);
	expect(sha(toJsonl(ventralRecords(bench)))).toMatchInlineSnapshot(
		`"8c298e2ffa00caa58c096986096253ae0afa99de2ad24cc201443f8ce6f7b771"`,
	);
	const pictures = ['2-000', '4-050', '6-099'].map((key) => bytesToHex(sha256(encodePng(bench.image(key)))));
	expect(pictures).toMatchInlineSnapshot(`
		[
		  "fcdc55cbf6a06a777b97b17e7ef43f246be03b80e18c0769ccf0227a38146458",
		  "4f3fdbb856a35bf8b4c8f62fbb8df0e74c9d90dc50253cd7493e520b6393044b",
		  "36a2d39fcc6d275d1716859cb221a5de519f5f400c70767db4d2c9b2596d96ae",
		]
	`);
	expect(toJsonl(benchRecords(generateBench()))).toBe(toJsonl(benchRecords(bench)));
	expect(toJsonl(benchRecords(generateBench({ seed: 1 })))).not.toBe(toJsonl(benchRecords(bench)));
});

it('has the same scenes whatever the size and the form', () => {
	const scenes = (some: BenchOptions) => generateBench({ images: 5, ...some }).entries.map(({ scene }) => scene);
	expect(scenes({ size: 64, form: 'direction' })).toEqual(scenes({ size: 336, form: 'both' }));
});

it('words its questions as designed', () => {
	const questions = benchRecords(generateBench({ form: 'both' })).flatMap(({ qa_pairs }) => qa_pairs);
	const object = { color: '\\w+', shape: '\\w+', shape_color: '\\w+ \\w+' };
	const named = { color: '\\w+ object', shape: '\\w+', shape_color: '\\w+ \\w+' };
	const asked = { color: 'color', shape: 'shape', shape_color: 'object' };
	for (const kind of ['color', 'shape', 'shape_color'] as const) {
		const wordings = {
			[`${kind}_abs open`]: `^What ${asked[kind]} is at the (top|bottom|left|right) of the image\\?$`,
			[`${kind}_rel yes-no`]: `^Is the ${named[kind]} (above|below|left of|right of) the ${named[kind]}\\?$`,
			[`${kind}_rel direction`]: `^Where is the ${named[kind]} relative to the ${named[kind]}\\?$`,
		};
		for (const [name, wording] of Object.entries(wordings)) {
			const some = questions.filter((qa) => `${qa.qa_category} ${qa.form}` === name);
			expect(some).toHaveLength(500);
			for (const { question } of some) expect(question).toMatch(new RegExp(wording));
		}
		for (const { answer } of questions.filter((qa) => qa.qa_category === `${kind}_abs`)) {
			expect(answer).toMatch(new RegExp(`^${object[kind]}$`));
		}
	}
});

describe('for any options', () => {
	it('asks one question of each type and form an image, and the solver that reads the scene has all right', () => {
		fc.assert(
			fc.property(valid, (some) => {
				const bench = generateBench(some);
				const records = benchRecords(bench);
				const twin = ventralRecords(bench);
				expect(records).toHaveLength(5 * some.images!);
				for (const [i, { key, scene }] of bench.entries.entries()) {
					expect(records[i]!.entry_id).toBe(key);
					const types = records[i]!.qa_pairs.map((qa) => `${qa.qa_category} ${qa.form}`);
					expect(new Set(types).size).toBe(some.form === 'both' ? 9 : 6);
					expect(new Set(records[i]!.qa_pairs.map((qa) => qa.qa_category))).toEqual(new Set(QA_CATEGORIES));
					expect(twin[i]!.qa_pairs.map((qa) => qa.qa_category)).toEqual(VENTRAL_CATEGORIES);
					for (const { question, answer } of [...records[i]!.qa_pairs, ...twin[i]!.qa_pairs]) {
						expect(solve(scene, question), question).toBe(answer);
					}
				}
			}),
			{ numRuns: 25 },
		);
	});

	it('keeps the margins, which a reader finds again from the pixels of the record', () => {
		const sign = { top: ['y', -1], bottom: ['y', 1], left: ['x', -1], right: ['x', 1] } as const;
		fc.assert(
			fc.property(valid, (some) => {
				const size = some.size!;
				for (const { objects, qa_pairs } of benchRecords(generateBench(some))) {
					for (const [i, a] of objects.entries()) {
						for (const b of objects.slice(0, i)) {
							const gap = clearance(a, b);
							expect(gap).toBeGreaterThan(GAP * size - 0.01);
						}
					}
					for (const qa of qa_pairs) {
						expect(qa.margin).toBeGreaterThanOrEqual(MARGIN * size - 0.001);
						if (qa.form === 'open') {
							const [axis, way] = sign[qa.relation as keyof typeof sign];
							const order = objects.map((object) => way * object[axis]).sort((a, b) => b - a);
							expect(order[0]! - order[1]!).toBeCloseTo(qa.margin!, 2);
							expect(order[0]!).toBeGreaterThan((way * size) / 2);
						} else {
							const [a, b] = objects
								.map((object) => ({ ...object, at: placeInText(qa, object) }))
								.filter(({ at }) => at >= 0)
								.sort((p, q) => p.at - q.at);
							const [larger, smaller] = [Math.abs(a!.x - b!.x), Math.abs(a!.y - b!.y)].sort((p, q) => q - p);
							expect(larger).toBeCloseTo(qa.margin!, 2);
							expect(larger!).toBeGreaterThan(RATIO * smaller! - 0.001);
						}
					}
				}
			}),
			{ numRuns: 25 },
		);
	});

	it('balances answers, sides and directions in every type, and twins with them', () => {
		fc.assert(
			fc.property(valid, (some) => {
				const bench = generateBench(some);
				const records = benchRecords(bench);
				const slack = some.quads ? 4 : 1;
				for (const kind of ['color', 'shape', 'shape_color']) {
					const absolute = pairsOf(records, `${kind}_abs`, 'open');
					expectBalance(
						absolute.map((qa) => qa.relation!),
						4,
						1,
					);
					const parts = absolute.map(({ answer }) => answer.split(' '));
					for (let part = 0; part < parts[0]!.length; part++)
						expectBalance(
							parts.map((words) => words[part]!),
							8,
							slack,
						);
					const yesNo = pairsOf(records, `${kind}_rel`, 'yes-no');
					if (yesNo.length > 0) {
						expectBalance(
							yesNo.map(({ answer }) => answer),
							2,
							1,
						);
						expectBalance(
							yesNo.map(({ relation }) => relation!),
							4,
							1,
						);
						expectBalance(
							yesNo.map(({ question }) => / (above|below|left|right) /.exec(question)![1]!),
							4,
							1,
						);
					}
					const direction = pairsOf(records, `${kind}_rel`, 'direction');
					if (direction.length > 0)
						expectBalance(
							direction.map(({ answer }) => answer),
							4,
							1,
						);
				}
				const twin = ventralRecords(bench);
				expectBalance(
					pairsOf(twin, 'color', 'open').map(({ answer }) => answer),
					8,
					slack,
				);
				expectBalance(
					pairsOf(twin, 'shape', 'open').map(({ answer }) => answer),
					8,
					slack,
				);
				expectBalance(
					pairsOf(twin, 'exists', 'yes-no').map(({ answer }) => answer),
					2,
					1,
				);
				expectBalance(
					pairsOf(twin, 'count', 'count').map(({ answer }) => answer),
					5,
					0,
				);
			}),
			{ numRuns: 25 },
		);
	});
});

function placeInText({ qa_category, question }: QaPair, { color, shape }: { color: string; shape: string }): number {
	if (qa_category === 'color_rel') return question.indexOf(`${color} object`);
	return question.indexOf(qa_category === 'shape_rel' ? `the ${shape}` : `${color} ${shape}`);
}

it('asks about absent things whose colour and shape are both in the image', () => {
	for (const { objects, qa_pairs } of ventralRecords(generateBench({ images: 40 }))) {
		const { question, answer } = qa_pairs.find((qa) => qa.qa_category === 'exists')!;
		const [, color, shape] = /^Is there an? (\w+) (\w+) in the image\?$/.exec(question)!;
		expect(objects.some((object) => object.color === color)).toBe(true);
		expect(objects.some((object) => object.shape === shape)).toBe(true);
		expect(objects.some((object) => object.color === color && object.shape === shape)).toBe(answer === 'yes');
		expect(question).toMatch(color === 'orange' ? / an orange / : / a /);
	}
});

it('refuses options that cannot be, in one line', () => {
	const refused = (some: Record<string, unknown>) => expect(() => generateBench(some));
	refused({ images: 0 }).toThrow('2ds: --images: expected a whole number of 1 to 10000, got 0');
	refused({ images: 1.5 }).toThrow('--images');
	refused({ images: 10, quads: true }).toThrow('2ds: --images: expected a multiple of 4 with --quads, got 10');
	refused({ size: 8 }).toThrow('2ds: --size: expected 16 to 2048 whole pixels, got 8');
	refused({ seed: 0.5 }).toThrow('2ds: --seed: expected a whole number, got 0.5');
	refused({ placement: 'x' }).toThrow('2ds: --placement: expected grid, free, got "x"');
	refused({ form: 'maybe' }).toThrow('2ds: --form: expected yes-no, direction, both, got "maybe"');
	expect(() => generateBench({ images: 1 }).image('9-000')).toThrow('2ds has no image "9-000"');
});
