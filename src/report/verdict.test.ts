import { describe, expect, it } from 'vitest';
import { type Skill, type SyntheticOptions, syntheticRun } from '../../test/report/synthetic.ts';
import { reportData } from './data.ts';
import { type Verdict, verdictsOf } from './verdict.ts';
import { side } from './words.ts';

async function judge(
	conditions: Skill['conditions'],
	{ what, ...options }: SyntheticOptions & { what?: Skill['conditions']; unparsed?: number } = {},
): Promise<Verdict & { text: string }> {
	const skill = { conditions, ...('unparsed' in options ? { unparsed: options.unparsed as number } : {}) };
	const runs = [await syntheticRun(skill, { images: 300, ...options })];
	if (what) runs.push(await syntheticRun({ conditions: what }, { task: '2ds-ventral', images: 300 }));
	const verdict = verdictsOf((await reportData(runs)).runs)[0]!;
	return { ...verdict, text: verdict.sentences.join(' ') };
}

/** Mean chance of the synthetic 2DS is 39.5 %. */
const CHANCE = 0.395;

describe('verdict', () => {
	it('says that a model at chance can show nothing', async () => {
		const { kind, headline, text } = await judge({ intact: CHANCE, permuted: CHANCE, 'text-only': CHANCE });
		expect(kind).toBe('chance');
		expect(headline).toBe('tiny-llava does not tell where things are: it is at chance.');
		expect(text).toContain('nothing to lose');
		expect(text).not.toContain('bag of tokens');
	});

	it('says so of a model below chance, and how far unreadable answers are the cause', async () => {
		const { kind, headline, text } = await judge({ intact: 0.6, permuted: 0.6 }, { unparsed: 0.6 });
		expect(kind).toBe('chance');
		expect(headline).toContain('below chance');
		expect(text).toMatch(/[56]\d\.\d\u202f% of its answers could not be read/);
	});

	it('sees a model that answers without the image', async () => {
		const { kind, text } = await judge({ intact: 0.7, permuted: 0.7, 'text-only': 0.7, 'wrong-image': 0.7 });
		expect(kind).toBe('blind');
		expect(text).toContain('need not come from the image');
		expect(text).not.toContain('bag of tokens');
	});

	it('does not call a model blind that needs the right image', async () => {
		const { kind } = await judge({ intact: 0.8, permuted: 0.5, 'text-only': 0.8, 'wrong-image': 0.4 });
		expect(kind).toBe('order');
	});

	it('calls a bag of tokens what loses nothing, and bounds the loss', async () => {
		const { kind, headline, text } = await judge({ intact: 0.9, permuted: 0.9, 'text-only': CHANCE });
		expect(kind).toBe('bag');
		expect(headline).toContain('“bag of tokens”');
		expect(text).toMatch(/A loss above \d\.\d points in the mean of these orders is excluded at 95 %\./);
		expect(text).not.toContain('was not tested');
	});

	it('says where no control shows that the image was needed', async () => {
		const { kind, text } = await judge({ intact: 0.9, permuted: 0.9 });
		expect(kind).toBe('bag');
		expect(text).toContain('Whether it needs the image at all was not tested');
	});

	it('does not call a bag of tokens what few questions cannot tell', async () => {
		const { kind, headline, text } = await judge({ intact: 0.8, permuted: 0.78 }, { images: 12 });
		expect(kind).toBe('undecided');
		expect(headline).toContain('a loss that would matter is not excluded');
		expect(text).toContain('more questions would tell');
	});

	it.each([
		[0.9, 0.42, 'relies on'],
		[0.9, 0.78, 'relies in part on'],
		[0.95, 0.93, 'hardly relies on'],
	])('%f → %f shuffled: %s', async (intact, permuted, words) => {
		const { kind, headline } = await judge({ intact, permuted, 'text-only': CHANCE }, { images: 2000 });
		expect(kind).toBe('order');
		expect(headline).toBe(`tiny-llava ${words} the order of its vision tokens to tell where things are.`);
	});

	it('says where nothing above chance is left overall, and in which categories something is', async () => {
		const poor = { intact: 0.9, permuted: 0.2, 'text-only': CHANCE };
		const none = await judge(poor);
		expect(none.text).toMatch(/right in the mean of 3 orders \(\d+\.\d to \d+\.\d\), each below chance \(39\.5/);
		expect(none.text).toMatch(/Overall, nothing above chance is left\.$/);
		const some = await judge(poor, {
			record: (r) => (r.condition === 'permuted' && r.category === 'color_rel' ? { ...r, correct: true } : r),
		});
		expect(some.text).toContain('Overall, nothing above chance is left. By category, color_rel (100.0');
		expect(some.text).toMatch(/chance 50\.0\u202f%\) is still above it in that mean\.$/);
	});

	it('says of no order what holds only in the mean', async () => {
		const { kind, headline, text } = await judge(
			{ intact: 0.9, permuted: 0.05, 'text-only': CHANCE },
			{
				what: { intact: 0.95, permuted: 0.9 },
				record: (r) => (r.condition === 'permuted' && r.draw === 1 ? { ...r, correct: true } : r),
			},
		);
		expect(kind).toBe('order');
		expect(headline).toContain('relies to some degree on');
		expect(text).toMatch(/right in the mean of 3 orders \(\d+\.\d to 100\.0\), 1 above and 2 below chance/);
		expect(text).toContain('Overall, nothing above chance is left in the mean, but 1 of 3 orders leaves 100.0\u202f%.');
		expect(text).toContain('do not tell whether “where” suffers more');
	});

	it.each([undefined, 'as earlier versions stored them'])(
		'gives no verdict from too few images (%s)',
		async (stored) => {
			const run = await syntheticRun({ conditions: { intact: 1, permuted: 0 } }, { images: 1 });
			const { images, ...results } = run.results!;
			const [verdict] = verdictsOf((await reportData([stored ? { ...run, results } : run])).runs);
			expect(images).toBe(1);
			expect(verdict).toMatchObject({ kind: 'few', sentences: [] });
			expect(verdict!.headline).toBe(
				`Too few images to say whether tiny-llava knows where things are: ${stored ? 6 : 1}, where at least 10 are needed.`,
			);
		},
	);

	it('says nothing of a shuffle of "what" on too few images', async () => {
		const runs = [
			await syntheticRun({ conditions: { intact: 0.9, permuted: 0.5 } }, { images: 300 }),
			await syntheticRun({ conditions: { intact: 1, permuted: 0 } }, { task: '2ds-ventral', images: 9 }),
		];
		const [verdict] = verdictsOf((await reportData(runs)).runs);
		expect(verdict!.sentences.at(-1)).toMatch(/; their images are too few to say what the shuffle does there\.$/);
	});

	it('says where shuffling helps', async () => {
		expect((await judge({ intact: 0.6, permuted: 0.8, 'text-only': CHANCE })).kind).toBe('gain');
	});

	it('says which condition is missing', async () => {
		expect((await judge({ intact: 0.8 })).headline).toContain('was not tested');
		expect((await judge({ permuted: 0.8 })).kind).toBe('untested');
	});

	it('sets "where" beside "what", and only where the intervals allow it', async () => {
		const order = { intact: 0.9, permuted: 0.5, 'text-only': CHANCE };
		const apart = await judge(order, { what: { intact: 0.95, permuted: 0.95 } });
		expect(apart.text).toContain('So “where” suffers more from the shuffle than “what”.');
		const reversed = await judge({ ...order, permuted: 0.88 }, { what: { intact: 0.95, permuted: 0.5 } });
		expect(reversed.text).toContain('So “what” suffers more');
		const alike = await judge(order, { what: { intact: 0.9, permuted: 0.5 } });
		expect(alike.text).toContain('do not tell whether');
		const weak = await judge(order, { what: { intact: 0.33, permuted: 0.33 } });
		expect(weak.text).toContain('at chance (33.0');
		expect(weak.text).not.toContain('suffers more');
		const missing = await judge(order, { what: { intact: 0.9 } });
		expect(missing.text).toContain('these were not asked with shuffled tokens');
	});

	it('names the categories that are not above chance', async () => {
		const poor = await judge(
			{ intact: 0.9, permuted: 0.5, 'text-only': CHANCE },
			{ record: (r) => (r.category === 'shape_rel' ? { ...r, correct: r.id.length % 2 === 0 } : r) },
		);
		expect(poor.text).toContain('It is not above chance in shape_rel.');
	});
});

describe('side', () => {
	it('counts an interval that touches the value as within', () => {
		expect([side([0.5, 0.6], 0.5), side([0.4, 0.5], 0.5), side([0.51, 0.6], 0.5), side([0.3, 0.4], 0.5)]).toEqual([
			'within',
			'within',
			'above',
			'below',
		]);
	});
});
