import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Tensor } from '../src/base/tensor.ts';
import type { VisionPath } from '../src/checkpoint/vision-path.ts';
import { attentionBias } from '../src/vlm/cache.ts';
import { embed, embedPrefix } from '../src/vlm/embed.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { decode, prefill } from '../src/vlm/prefill.ts';
import { applyTail, encodePixels, overridePath } from '../src/vlm/vision.ts';
import { goldenTensors } from './support/golden.ts';

let model: Model;
let tokens: Tensor<'float32'>;

beforeAll(async () => {
	const golden = await goldenTensors('inference.safetensors');
	model = await load('test/fixtures/models/tiny-llava');
	tokens = await encodePixels(model, golden.get('pixel_values') as Tensor<'float32'>);
});
afterAll(() => model.close());

async function logits(path: Partial<VisionPath>): Promise<Float32Array> {
	const vision = await applyTail(model, tokens, overridePath(model, path));
	const { ids, imageAt } = model.text.encodePrompt({ question: 'What color is at the top of the image?', image: true });
	const cache = await prefill(model, await embedPrefix(model, ids.slice(0, imageAt!), vision));
	const rest = ids.slice(imageAt! + 1);
	const rows = tokens.shape[0]!;
	const { logits } = await decode(
		model,
		{
			embeddings: await embed(model, Array(rows).fill(rest)),
			positions: Array(rows)
				.fill(rest.map((_, i) => cache.nextPosition + i))
				.flat(),
			bias: attentionBias(rows, rest.length, cache.length + rest.length, (_, i) => [[0, cache.length + i + 1]]),
			logitRows: Array.from({ length: rows }, (_, b) => (b + 1) * rest.length - 1),
		},
		cache,
	);
	return logits.data;
}

const identities: Record<string, Partial<VisionPath>> = {
	'no change named': {},
	'the identity permutation': { permute: { kind: 'list', order: Array.from({ length: 64 }, (_, i) => i) } },
	'pooling to the grid itself': { pool: 8 },
	'scale 1': { scale: 1 },
	'clipping above every norm': { normalize: { mode: 'clip', targetMean: null, maxNorm: 1e6 } },
};

test.each(Object.entries(identities))('%s gives bit-identical logits', async (_, path) => {
	expect(await logits(path)).toEqual(await logits({}));
});

test('what is no identity does change them', async () => {
	const plain = await logits({});
	for (const path of [{ scale: 0.5 }, { pool: 4 }, { permute: { kind: 'reverse' as const } }]) {
		expect(await logits(path)).not.toEqual(plain);
	}
});
