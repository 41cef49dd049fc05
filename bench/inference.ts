/**
 * How fast the engine is, against two limits measured in the same run: the machine's large-matmul peak, and the network's
 * own matrix products with nothing between them.
 */
import { rng } from '../src/base/random.ts';
import { float32, type Tensor } from '../src/base/tensor.ts';
import { embedPrefix } from '../src/vlm/embed.ts';
import { decoderGraph, visionEncoderGraph } from '../src/vlm/graphs.ts';
import { load } from '../src/vlm/load.node.ts';
import { prefill } from '../src/vlm/prefill.ts';
import { encodePixels } from '../src/vlm/vision.ts';
import { fastest, flopsOf, matmulPeak, matmulRate, productsOf } from './matmul.ts';

const BATCH = 32;
const model = await load('test/fixtures/models/tiny-llava');
const { config, runtime } = model;

const random = rng(0, 'pixels');
const shape = [BATCH, 3, config.vision.imageSize, config.vision.imageSize];
const size = shape.reduce((a, b) => a * b);
const pixels = float32(shape, Float32Array.from({ length: size }, random.normal));

const tokens = await encodePixels(model, pixels);
const { ids, imageAt } = model.text.encodePrompt({ question: 'What color is at the top of the image?', image: true });
const embeddings: Tensor<'float32'> = await embedPrefix(model, ids.slice(0, imageAt!), tokens);
const sequence = embeddings.shape[1]!;

const peak = await matmulPeak(runtime);
console.log(`large matmul (2,048 cubed, float32)   ${giga(peak)} GFLOP/s`);
const stages = [
	{
		name: 'vision encoder',
		unit: 'images',
		count: BATCH,
		products: productsOf(visionEncoderGraph(config, model.visionPath), { batch: BATCH }),
		seconds: await fastest(() => encodePixels(model, pixels)),
	},
	{
		name: 'prefill',
		unit: 'prompt tokens',
		count: BATCH * sequence,
		products: productsOf(decoderGraph(config.text), { batch: BATCH, sequence, total: sequence, past: 0, rows: 1 }),
		seconds: await fastest(() => prefill(model, embeddings)),
	},
];
for (const { name, unit, count, products, seconds } of stages) {
	const alone = await matmulRate(runtime, products);
	const rate = flopsOf(products) / seconds;
	console.log(
		`${name.padEnd(16)} ${Math.round(count / seconds)} ${unit}/s, ${giga(rate)} GFLOP/s: ` +
			`${percent(rate / peak)} of large matmul, ${percent(rate / alone)} of its own products alone (${giga(alone)} GFLOP/s)`,
	);
}
await model.close();

function giga(flops: number): string {
	return (flops / 1e9).toFixed(0);
}

function percent(share: number): string {
	return `${(share * 100).toFixed(0)} %`;
}
