/**
 * Memory of the probes on a decoder of LLaVA-1.5 7B's width (4096, 32 heads, inner width 11008) with two layers, random
 * weights and a prompt of 640 tokens, 576 of them vision tokens. Prints the peak of each probe above what the process
 * holds once the model is loaded, and fails where that is more than 300 MB. Takes some 6 GB while it loads; Linux only. An
 * argument gives the size of the vocabulary, in place of 192: with 32000 it takes 9 GB. More name the probes to run.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { nativeBackend } from '../src/backends/native.ts';
import { rng } from '../src/base/random.ts';
import { float32, sizeOf } from '../src/base/tensor.ts';
import type { Checkpoint } from '../src/checkpoint/checkpoint.ts';
import type { LlavaConfig } from '../src/checkpoint/config.ts';
import { tensorShapes } from '../src/checkpoint/shapes.ts';
import type { VisionPath } from '../src/checkpoint/vision-path.ts';
import { blankImage } from '../src/image/image.ts';
import { encodePng } from '../src/image/png.ts';
import { parsePreprocessConfig } from '../src/image/preprocess-config.ts';
import { probeAttention } from '../src/probes/attention.ts';
import { probeBalance } from '../src/probes/balance-probe.ts';
import type { ProbeData } from '../src/probes/data.ts';
import { probeInterventions } from '../src/probes/interventions.ts';
import { probeLinear } from '../src/probes/linear.ts';
import { probeNorms } from '../src/probes/norms.ts';
import { probePermutation } from '../src/probes/permutation.ts';
import { probeRope } from '../src/probes/rope.ts';
import { nodeRuntime } from '../src/runtime/node.node.ts';
import type { Task } from '../src/tasks/task.ts';
import { createText } from '../src/text/text.ts';
import { createModel } from '../src/vlm/model.ts';

const LIMIT = 300e6;
const PROMPT = 640;
const TOKENIZER = 'test/fixtures/models/tiny-llava';

const config: LlavaConfig = {
	vision: {
		hiddenSize: 128,
		intermediateSize: 512,
		layers: 4,
		heads: 4,
		imageSize: 336,
		patchSize: 14,
		channels: 3,
		activation: 'quick_gelu',
		layerNormEps: 1e-5,
	},
	text: {
		vocabSize: Number(process.argv[2] ?? 192),
		hiddenSize: 4096,
		intermediateSize: 11008,
		layers: 2,
		heads: 32,
		kvHeads: 32,
		headDim: 128,
		ropeTheta: 10000,
		rmsNormEps: 1e-5,
		maxPositions: 2048,
		tieWordEmbeddings: false,
		attentionBias: false,
	},
	projector: { activation: 'gelu', bias: true },
	visionFeatureLayers: [-2],
	visionFeatureSelect: 'default',
	imageTokenId: 4,
	bosTokenId: 2,
	eosTokenIds: [3],
	padTokenId: 0,
};
const visionPath: VisionPath = {
	layers: [-2],
	postLayerNorm: false,
	normalize: null,
	pool: null,
	permute: null,
	scale: 1,
};

const shapes = tensorShapes(config, visionPath);
const files = {
	tokenizer: JSON.parse(readFileSync(`${TOKENIZER}/tokenizer.json`, 'utf8')),
	tokenizerConfig: JSON.parse(readFileSync(`${TOKENIZER}/tokenizer_config.json`, 'utf8')),
	chatTemplate: readFileSync(`${TOKENIZER}/chat_template.jinja`, 'utf8'),
	preprocessor: null,
	generation: null,
};
const checkpoint: Checkpoint = {
	location: 'random',
	config,
	visionPath,
	files,
	names: [...shapes.keys()],
	shape: (name) => shapes.get(name),
	async read(name) {
		const shape = shapes.get(name)!;
		const { next } = rng(0, name);
		const data = new Float32Array(sizeOf(shape));
		for (let i = 0; i < data.length; i++) data[i] = (next() - 0.5) * 0.06;
		return float32(shape, data);
	},
	hash: async () => 'random',
	close: async () => {},
};
const model = createModel({
	checkpoint,
	runtime: nodeRuntime({ keepMemory: false }), // as `load` has it for a model to look into
	text: createText({ files, config }),
	preprocess: parsePreprocessConfig(null, { imageSize: config.vision.imageSize }),
	decodeImage: async () => blankImage(336, 336),
	trace: true,
	interventions: true,
});

/** A question about the image that makes a prompt of 640 tokens, a system prompt before it. */
const system = 'the red circle is at the top of the image';
const words = (n: number) => Array.from({ length: n }, (_, i) => ['red', 'circle', 'top', 'left'][i % 4]).join(' ');
const lengthOf = (question: string) => model.text.encodePrompt({ question, image: true, system }).ids.length + 575;
let question = words(1);
for (let n = 2; lengthOf(question) < PROMPT; n++) question = words(n);
console.log(`prompt: ${lengthOf(question)} tokens`);

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const status = (key: string) =>
	Number(new RegExp(`${key}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const random = rng(0, 'image');
const image = blankImage(336, 336);
for (let i = 0; i < image.data.length; i++) image.data[i] = random.int(256);
const data: ProbeData = {
	name: 'noise',
	items: [{ id: 'noise', image: async () => image, question, captions: ['a red circle at the top'] }],
};

await model.embedTokens();
await model.visionEncoder(visionPath);
await model.decoder();
collect();
await new Promise((resolve) => setTimeout(resolve, 100));
collect();
const weights = [...shapes.values()].reduce((sum, shape) => sum + 4 * sizeOf(shape), 0);
const loaded = status('VmRSS');
console.log(`weights: ${megabytes(weights)}; process with the model loaded: ${megabytes(loaded)}`);

const read = () => ({ value: null, status: 'none' as const, correct: false });
const task: Task = {
	name: 'noise',
	title: 'noise',
	facts: {},
	dataHash: '',
	questions: [{ id: 'q', image: 'noise', prompt: question, answer: '', category: 'noise', chance: 0, groups: {} }],
	image: async () => encodePng(image),
	strict: read,
	lenient: read,
};
const backend = await nativeBackend(model);
const maxNewTokens = 8;
const settings = { maxNewTokens, temperature: 0, seed: 0 };
const probes = {
	norms: () => probeNorms(model, data),
	rope: () => probeRope(model, data),
	balance: () => probeBalance(model, data, { system, maxNewTokens }),
	attention: () => probeAttention(model, data, { system, maxNewTokens, maps: 1, source: 'composed' }),
	linear: () => probeLinear(model, { images: 3, folds: 3 }),
	permutation: () => probePermutation({ task, backend, draws: 1, blocks: [], settings }),
	attended: () => probeInterventions({ task, backend, settings, conditions: 'select:attention:64' }),
};
const wanted = process.argv.slice(3);
for (const [name, probe] of Object.entries(probes)) {
	if (wanted.length > 0 && !wanted.includes(name)) continue;
	writeFileSync('/proc/self/clear_refs', '5'); // the peak starts anew
	const start = performance.now();
	await probe();
	const above = status('VmHWM') - loaded;
	console.log(
		`${name.padEnd(10)} ${megabytes(above).padStart(8)} above, ${((performance.now() - start) / 1000).toFixed(1)} s`,
	);
	if (above > LIMIT) process.exitCode = 1;
}
await model.close();
