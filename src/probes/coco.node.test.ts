import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DorsalError } from '../base/errors.ts';
import { load } from '../vlm/load.node.ts';
import type { Model } from '../vlm/model.ts';
import { attentionMap } from './attention-map.ts';
import { cocoData } from './coco.node.ts';
import { probeNorms } from './norms.ts';
import { normsProbeSchema } from './results.ts';

const shared = new URL('../../../shared/data/coco/', import.meta.url);
let folder: string;

beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), 'dorsal-coco-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A folder with the given captions.json, and images of the given names. */
function make(name: string, captions?: unknown, images: readonly string[] = []): string {
	const path = join(folder, name);
	mkdirSync(join(path, 'images'), { recursive: true });
	for (const image of images) writeFileSync(join(path, 'images', image), image);
	if (captions !== undefined) {
		writeFileSync(join(path, 'captions.json'), typeof captions === 'string' ? captions : JSON.stringify(captions));
	}
	return path;
}

async function refused(path: string): Promise<string> {
	const error = await cocoData(path).then(
		() => undefined,
		(e: unknown) => e,
	);
	expect(error).toBeInstanceOf(DorsalError);
	expect((error as Error).message).not.toMatch(/\p{Cc}/u);
	return (error as Error).message.replace(folder, '…');
}

const file = {
	images: [
		{ id: 1, file_name: 'a.jpg' },
		{ id: 2, file_name: 'b.jpg' },
	],
	annotations: [
		{ image_id: 2, caption: 'two' },
		{ image_id: 1, caption: 'one' },
		{ image_id: 2, caption: 'deux' },
	],
};

describe('a folder of photos with captions', () => {
	test('each photo with its captions, read when its turn comes', async () => {
		const { items } = await cocoData(make('good', file, ['b.jpg']));
		expect(items.map(({ id, captions }) => [id, captions])).toEqual([
			['a.jpg', ['one']],
			['b.jpg', ['two', 'deux']],
		]);
		expect(items[0]!.question).toBe('Describe the image.');
		expect(new TextDecoder().decode((await items[1]!.image()) as Uint8Array)).toBe('b.jpg');
		expect((await cocoData(join(folder, 'good'), { limit: 1 })).items.length).toBe(1);
		await expect((async () => items[0]!.image())()).rejects.toThrow('a.jpg: no such image, but captions.json names it');
	});

	test('what is wrong with it is one line', async () => {
		expect(await refused(join(folder, 'nowhere'))).toBe(
			'…/nowhere: no such folder; give one with images and captions.json',
		);
		expect(await refused(make('silent', undefined, ['a.jpg']))).toBe(
			"…/silent: no captions.json there; vision tokens are compared with the words of captions in COCO's format",
		);
		expect(await refused(make('torn', '{"images": ['))).toMatch(/^…\/torn\/captions\.json: not JSON \(/);
		expect(await refused(make('list', []))).toBe('…/list/captions.json: expected an object, got []');
		expect(await refused(make('number', { ...file, annotations: [{ image_id: 1, caption: 7 }] }))).toBe(
			'…/number/captions.json: annotations[0].caption: expected text, got 7',
		);
		const outside = { ...file, images: [{ id: 1, file_name: '../a.jpg' }] };
		expect(await refused(make('outside', outside))).toBe(
			'…/outside/captions.json: images[0].file_name: expected a path inside the folder, got "../a.jpg"',
		);
	});
});

describe.skipIf(!existsSync(shared))('36 COCO photos (needs ../shared/data)', () => {
	let model: Model;
	beforeAll(async () => {
		model = await load('test/fixtures/models/tiny-llava', { trace: true });
	});
	afterAll(() => model.close());

	test('norms of all of them', async () => {
		const data = await cocoData(shared.pathname);
		const result = normsProbeSchema.parse(await probeNorms(model, data, { hidden: 8 }));
		expect([result.images, result.vision.count, result.hidden!.images]).toEqual([36, 36 * 64, 8]);
		// 180 captions of some ten words; the model's vocabulary splits nearly all of them.
		expect(result.text.count).toBeGreaterThan(1800);
		expect(result.ratio.median).toBeGreaterThan(10);
	});

	test('a map over a photo that is not square', async () => {
		const { items } = await cocoData(shared.pathname, { limit: 3 });
		for (const item of items) {
			const map = await attentionMap(model, await item.image(), 'What color is the object at the top of the image?', {
				source: 'composed',
			});
			expect(map.weights.length).toBe(64);
			expect(map.weights.every((weight) => weight >= 0 && weight < 1)).toBe(true);
		}
	});
});
