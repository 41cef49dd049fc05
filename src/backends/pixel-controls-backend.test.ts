import { describe, expect, it } from 'vitest';
import { parseConditions } from '../eval/conditions.ts';
import { blankImage, type RgbImage } from '../image/image.ts';
import type { Ask, Backend, Condition } from './backend.ts';
import { withPixelControls } from './pixel-controls-backend.ts';

/** A backend that answers with the size of the image it was asked about and its first sample. */
function describing() {
	const state = { prepared: 0, released: 0, conditions: [] as Condition[] };
	const size = (image: Uint8Array | RgbImage) =>
		image instanceof Uint8Array ? `${image.length} bytes` : `${image.width} × ${image.height}: ${image.data[0]}`;
	const backend: Backend = {
		facts: {
			kind: 'native',
			model: '',
			modelHash: null,
			graphHash: null,
			promptTemplate: '',
			visionPath: null,
			versions: {},
		},
		cannot: ({ path }) => (path.pool ? 'no pooling' : null),
		async prepare(images) {
			state.prepared++;
			return {
				async answer(condition, asks) {
					state.conditions.push(condition);
					return asks.map(({ image }) => size(images[image]!));
				},
				release: () => void state.released++,
			};
		},
		close: async () => {},
	};
	const decode = async (bytes: Uint8Array) => blankImage(bytes.length, 4, [7, 0, 0]);
	return { state, backend: withPixelControls(backend, decode) };
}

const condition = (text: string) => parseConditions(text)[0]!;
const settings = { maxNewTokens: 1, temperature: 0, seed: 0 };
const ask = (image: number, box?: Ask['box']): Ask => ({ image, prompt: '', id: '', ...(box && { box }) });

describe('withPixelControls', () => {
	it('hands the changed images to a backend that knows nothing of controls, once for each control', async () => {
		const { state, backend } = describing();
		const prepared = await backend.prepare([new Uint8Array(4), blankImage(6, 6, [9, 0, 0])]);
		const answers = async (text: string) => prepared.answer(condition(text), [ask(1), ask(0)], settings);
		expect(await answers('intact')).toEqual(['6 × 6: 9', '4 bytes']);
		expect(await answers('pixels:blank')).toEqual(['6 × 6: 128', '4 × 4: 128']);
		expect(await answers('pixels:mirror')).toEqual(['6 × 6: 9', '4 × 4: 7']);
		expect(await answers('pixels:mirror&wrong-image')).toEqual(['6 × 6: 9', '4 × 4: 7']);
		expect(state.conditions.map(({ pixels, image }) => [pixels, image])).toEqual([
			[undefined, 'own'],
			[undefined, 'own'],
			[undefined, 'own'],
			[undefined, 'wrong'],
		]);
		expect(state.prepared).toBe(3);
		prepared.release();
		expect(state.released).toBe(3);
	});

	it('crops to the box of each question', async () => {
		const { backend } = describing();
		const prepared = await backend.prepare([blankImage(8, 8), blankImage(9, 9)]);
		const asks = [ask(1, [0, 0, 4, 2]), ask(0, [1, 1, 4, 4]), ask(1, [0, 0, 8, 8]), ask(1, [0, 0, 4, 2])];
		expect(await prepared.answer(condition('pixels:crop'), asks, settings)).toEqual([
			'5 × 3: 0',
			'6 × 6: 0',
			'9 × 9: 0',
			'5 × 3: 0',
		]);
	});

	it('says what cannot be', () => {
		const { cannot } = describing().backend;
		expect(cannot(condition('pixels:blur:1'))).toBeNull();
		expect(cannot(condition('pixels:blur:1&pool:2'))).toBe('no pooling');
		expect(cannot(condition('pixels:crop&wrong-image'))).toMatch("the question's own image");
		expect(cannot({ ...condition('text-only'), pixels: { kind: 'blank' } })).toMatch('no pixels to change');
	});
});
