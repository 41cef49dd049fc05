import { describe, expect, it } from 'vitest';
import { syntheticRun } from '../../test/report/synthetic.ts';
import { pictureSource, readScenes } from './scenes.ts';

const PNG = [0x89, 0x50, 0x4e, 0x47];
const bytes = (head: readonly number[], length: number) => Uint8Array.from({ length }, (_, i) => head[i] ?? 0);

describe('readScenes', () => {
	it('keeps every answer about the first gallery images and nothing else', async () => {
		const run = await syntheticRun({ conditions: { intact: 0.5, permuted: 0.5 } }, { images: 20, pictures: true });
		const { scenes } = await readScenes(run, { count: 3, pictures: { bytes: 1e6 } });
		expect(scenes.map(({ image }) => image)).toEqual(['scene-000.png', 'scene-001.png', 'scene-002.png']);
		for (const { image, source, records } of scenes) {
			expect(source).toMatch(/^data:image\/png;base64,iVBOR/);
			// Six questions, intact once and permuted in three draws.
			expect(records).toHaveLength(6 * 4);
			expect(new Set(records.map((record) => record.image))).toEqual(new Set([image]));
		}
	});

	it('shows at most eight questions about an image, the chosen one among them', async () => {
		const run = await syntheticRun(
			{ conditions: { intact: 0.5 } },
			{
				images: 10,
				manifest: (manifest) => ({ ...manifest, gallery: ['scene-004.png/5'] }),
				record: (record) => ({ ...record, image: 'one.png' }),
			},
		);
		const { scenes } = await readScenes(run, { count: 4, pictures: null });
		expect(scenes).toHaveLength(1);
		expect(scenes[0]!.source).toBeNull();
		const ids = scenes[0]!.records.map(({ id }) => id);
		expect(ids).toHaveLength(8);
		expect(ids).toContain('scene-004.png/5');
	});

	it('finds the answer given most often, and how often it is right', async () => {
		const run = await syntheticRun(
			{ conditions: { intact: 1, 'text-only': 1 } },
			{
				images: 10,
				task: 'pope',
				record: (record) => {
					const i = Number(record.image.slice(6, 9));
					const answer = i < 4 ? 'yes' : 'no';
					if (record.condition === 'text-only') return { ...record, answer, value: 'no' };
					return i === 9 ? { ...record, answer, value: null, status: 'none' } : { ...record, answer, value: 'yes' };
				},
			},
		);
		const { habits } = await readScenes(run, { count: 0, pictures: null });
		expect(habits).toEqual([{ category: 'popular', questions: 10, answer: 'yes', given: 0.9, right: 0.4 }]);
	});
});

describe('pictureSource', () => {
	it('takes PNG, JPEG and WebP, and nothing else', () => {
		const budget = { bytes: 1000 };
		expect(pictureSource(bytes(PNG, 12), budget)).toMatch(/^data:image\/png;base64,/);
		expect(pictureSource(bytes([0xff, 0xd8], 12), budget)).toMatch(/^data:image\/jpeg;/);
		expect(pictureSource(bytes([0, 0, 0, 0, 0, 0, 0, 0, 0x57, 0x45, 0x42, 0x50], 12), budget)).toMatch(
			/^data:image\/webp;/,
		);
		expect(pictureSource(new TextEncoder().encode('<svg onload="alert(1)">'), budget)).toBeNull();
	});

	it('leaves out what is too large or over the budget', () => {
		const budget = { bytes: 250_000 };
		expect(pictureSource(bytes(PNG, 200_001), budget)).toBeNull();
		expect(pictureSource(bytes(PNG, 200_000), budget)).not.toBeNull();
		expect(pictureSource(bytes(PNG, 60_000), budget)).toBeNull();
		expect(budget.bytes).toBe(50_000);
	});
});
