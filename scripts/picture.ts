/** Draws docs/shuffle.svg: one question, answered with the vision tokens in order and shuffled. `node scripts/run.js scripts/picture.ts` */
import { writeFileSync } from 'node:fs';
import { sceneToSvg } from '../src/bench2ds/scene.ts';
import { defaultModel } from '../src/study/shipped.node.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { ask } from '../src/vlm/ask.ts';
import { load } from '../src/vlm/load.node.ts';
import type { Model } from '../src/vlm/model.ts';
import { permutationOrder } from '../src/vlm/permutation.ts';
import { squareSide } from '../src/vlm/pooling.ts';
import { visionTokenCount } from '../src/vlm/vision.ts';

const SIZE = 240;
const task = twoDsTask({ form: 'direction' });

/** The first question about four objects that is answered rightly in order and wrongly under each of three shuffles. */
async function findExample(model: Model) {
	for (const question of task.questions) {
		if (question.groups.objects !== '4' || question.groups.form !== 'direction') continue;
		const image = await task.image(question.image);
		const intact = await ask(model, image, question.prompt);
		if (intact.answer !== question.answer) continue;
		const shuffled = await Promise.all(
			[0, 1, 2].map((seed) =>
				ask(model, image, question.prompt, { path: { permute: { kind: 'random', seed, within: 'grid' } } }),
			),
		);
		if (shuffled.every(({ answer }) => answer !== question.answer)) {
			return { question, intact: intact.answer, shuffled: shuffled[0]!.answer };
		}
	}
	throw new Error('no such question');
}

const model = await load(defaultModel());
const { question, intact, shuffled } = await findExample(model);
const tokens = visionTokenCount(model);
const order = permutationOrder({ kind: 'random', seed: 0, within: 'grid' }, tokens);
await model.close();

const { scene } = task.bench.entries.find(({ key }) => key === question.image)!;
const drawing = sceneToSvg(scene, { size: SIZE })
	.replace(/^<svg[^>]*>/, '')
	.replace('</svg>\n', '');
const side = squareSide(tokens);
const patch = SIZE / side;
const at = (i: number) => ({ x: (i % side) * patch, y: Math.floor(i / side) * patch });

/** Place i shows the patch of the token that the shuffle puts there. */
const patches = order.map((from, i) => {
	const [to, own] = [at(i), at(from)];
	return `<svg x="${to.x}" y="${to.y}" width="${patch}" height="${patch}" viewBox="${own.x} ${own.y} ${patch} ${patch}"><use href="#scene"/></svg>`;
});
const lines = Array.from({ length: side - 1 }, (_, i) => (i + 1) * patch).map(
	(x) => `<path d="M${x} 0V${SIZE}M0 ${x}H${SIZE}"/>`,
);
const panel = (
	x: number,
	title: string,
	body: string,
	answer: string,
	mark: string,
) => `<g transform="translate(${x} 64)">
<text y="-10" class="small">${title}</text>
${body}
<g stroke="#888" stroke-opacity=".35">${lines.join('')}</g>
<rect width="${SIZE}" height="${SIZE}" fill="none" stroke="#888"/>
<text y="${SIZE + 26}">“${answer}” ${mark}</text>
</g>`;

writeFileSync(
	'docs/shuffle.svg',
	`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 560 344" width="560" height="344" font-family="system-ui, sans-serif" font-size="16">
<title>One question, answered with the vision tokens in order and shuffled</title>
<style>text { fill: #1f2328 } .small { font-size: 13px; fill: #57606a } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } }</style>
<defs><g id="scene"><svg width="${SIZE}" height="${SIZE}" viewBox="0 0 1 1">${drawing}</svg></g></defs>
<text x="24" y="26">${question.prompt}</text>
${panel(24, 'vision tokens in order', '<use href="#scene"/>', intact, '✓')}
${panel(296, 'the same tokens, shuffled', patches.join('\n'), shuffled, '✗')}
</svg>
`,
);
console.log(`${question.id}: ${question.prompt} ${intact} / ${shuffled}`);
