import {
	cpSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../src/cli/commands.ts';
import { parse } from '../src/cli/parse.ts';
import { decodeImage } from '../src/image/decode.node.ts';
import * as probes from '../src/probes/index.ts';
import { twoDsTask } from '../src/tasks/2ds.ts';
import { dorsal } from './support/cli.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'dorsal-probe-'));
const inFolder = (name: string) => path.join(folder, name);
const task = twoDsTask({ images: 1 });
const { prompt, image } = task.questions[0]!;

beforeAll(async () => {
	writeFileSync(inFolder('scene.png'), await task.image(image));
	mkdirSync(inFolder('photos/images'), { recursive: true });
	for (const name of ['a.png', 'b.png']) cpSync(inFolder('scene.png'), inFolder(`photos/images/${name}`));
	mkdirSync(inFolder('bare'));
	cpSync(inFolder('scene.png'), inFolder('bare/a.png'));
	const captions = {
		images: [
			{ id: 1, file_name: 'a.png' },
			{ id: 2, file_name: 'b.png' },
		],
		annotations: [
			{ image_id: 1, caption: 'A red circle above a blue square.' },
			{ image_id: 2, caption: 'The same again.' },
		],
	};
	writeFileSync(inFolder('photos/captions.json'), JSON.stringify(captions));
	writeBroken(inFolder('broken'), 'multi_modal_projector.linear_1.weight');
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The shipped model with a NaN for the first number of one tensor. */
function writeBroken(to: string, tensor: string): void {
	cpSync('test/fixtures/models/tiny-llava', to, { recursive: true });
	const file = path.join(to, readdirSync(to).find((name) => name.endsWith('.safetensors'))!);
	const bytes = readFileSync(file);
	const length = Number(bytes.readBigUInt64LE(0));
	const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
	bytes.fill(0xff, 8 + length + header[tensor].data_offsets[0], 8 + length + header[tensor].data_offsets[0] + 4);
	writeFileSync(file, bytes);
}

/** Letters, digits, punctuation and the few signs that figures need; no control characters, no leftovers of a program. */
const READABLE = /^[\n -~“”’…−–×Δα·²φ|°\u00a0\u202f]*$/u;
const LEFTOVERS = /undefined|NaN|Infinity|null|\[object|\$\{/;

function expectReadable(text: string): void {
	expect(text).toMatch(READABLE);
	expect(text).not.toMatch(LEFTOVERS);
	for (const line of text.split('\n')) expect(line).toBe(line.trimEnd());
}

const SCHEMAS = {
	permutation: probes.permutationProbeSchema,
	compression: probes.compressionProbeSchema,
	interventions: probes.interventionsProbeSchema,
	norms: probes.normsProbeSchema,
	rope: probes.ropeProbeSchema,
	attention: probes.attentionProbeSchema,
	balance: probes.balanceProbeSchema,
	linear: probes.linearProbeSchema,
} as const;

describe('dorsal probe', () => {
	it.each<[keyof typeof SCHEMAS, string[], string]>([
		['permutation', ['--draws', '1', '--blocks', '4'], 'tokens shuffled'],
		['compression', ['--sides', '2', '--selection', 'strided', '--positions', 'original,repacked'], 'all (intact)'],
		['interventions', ['--condition', 'normalize:paper,attention:1.5'], 'normalize:paper'],
		['norms', [], 'The median vision token is'],
		['rope', ['--normalize', 'match-mean'], 'normalised (match-mean)'],
		['attention', ['--layers', '1,-1', '--heads', '0', '--maps', '1'], 'decoder layers 1, 3, head 0'],
		['balance', [], 'of the attention goes to the image'],
		['linear', [], 'after the projector'],
	])('%s prints a table and a finding, and writes the result', async (name, options, part) => {
		const file = inFolder(`${name}.json`);
		const args = ['probe', name, ...options, '--images', '6', '--limit', '12', '--out', file];
		const { code, stdout, stderr } = await dorsal(args);
		expect(code).toBe(0);
		expect(stderr).toMatch(new RegExp(`^probe ${name}: models/base, .+\n${name}: `));
		expectReadable(stdout);
		expect(stdout).toContain('models/base');
		expect(stdout).toContain(part);
		expect(stdout.trim().split('\n\n').at(-1)).toMatch(/\.$/);
		expect(SCHEMAS[name].parse(JSON.parse(readFileSync(file, 'utf8')))).toMatchObject({ probe: name });
	});

	it('goes on with the answers that it kept beside the result', async () => {
		const args = ['probe', 'permutation', '--draws', '1', '--blocks', '4', '--images', '6', '--limit', '12'];
		const records = inFolder('permutation.answers/records.jsonl');
		const whole = readFileSync(records, 'utf8');
		const result = JSON.parse(readFileSync(inFolder('permutation.json'), 'utf8'));
		writeFileSync(records, whole.slice(0, whole.length / 2));
		const { code, stdout, stderr } = await dorsal([...args, '--json', '--out', inFolder('permutation.json')]);
		expect(code).toBe(0);
		expect(stderr).not.toContain('permutation: 0/');
		expect(readFileSync(records, 'utf8')).toBe(whole);
		expect(JSON.parse(stdout)).toEqual(result);
	});

	it('reads photos with captions, and a written 2DS', async () => {
		const photos = await dorsal(['probe', 'norms', '--data', inFolder('photos'), '--json']);
		expect(JSON.parse(photos.stdout)).toMatchObject({ images: 2, hidden: { images: 2 } });
		expect((await dorsal(['bench', '2ds', '--images', '2', '--out', inFolder('2ds')])).code).toBe(0);
		const options = ['--data', inFolder('2ds'), '--images', '3', '--question', 'Is there a circle?', '--json'];
		const written = await dorsal(['probe', 'attention', ...options]);
		expect(JSON.parse(written.stdout)).toMatchObject({ images: 3, maps: [{ question: 'Is there a circle?' }, {}, {}] });
	});

	it('draws several maps, and one over its image', async () => {
		const png = inFolder('maps.png');
		const several = await dorsal(['probe', 'attention', '--images', '2', '--out', png]);
		expect(several.stdout.trim().split('\n').at(-1)).toBe(`maps: ${png}`);
		expect((await decodeImage(readFileSync(png))).width).toBeGreaterThan(224);
		const svg = inFolder('map.svg');
		await dorsal(['probe', 'attention', '--images', '2', '--maps', '1', '--map', 'vit', '--out', svg]);
		expect(readFileSync(svg, 'utf8')).toContain('all patches together in the vision encoder');
	});

	it('lists the probes', async () => {
		const { code, stdout } = await dorsal(['probe', '--help']);
		expect(code).toBe(0);
		for (const name of ['permutation', 'linear']) expect(stdout).toContain(`  probe ${name} `);
		expect(stdout).not.toContain('  eval ');
		expect((await dorsal(['probe'])).stderr).toContain('dorsal probe needs one more word: probe permutation, ');
	});

	const twoOfThem = 'path:{"permute":{"kind":"list","order":[1,0]}}';
	it.each([
		[['attention', '--layers', '4'], 2, 'no-such-head', 'layer 4 does not exist in models/base: the decoder has 4'],
		[['attention', '--heads=-5'], 2, 'no-such-head', 'head -5 does not exist in models/base'],
		[['attention', '--layers', 'x'], 2, 'option-value', '--layers x: expected whole numbers with commas between'],
		[
			['attention', '--word', 'elephant'],
			2,
			'word-not-generated',
			'the word "elephant" was not generated; the answer is "',
		],
		[['attention', '--token', '50'], 2, 'token-not-generated', 'token 50 was not generated: the answer "'],
		[['attention', '--out', 'a.png', '--maps', '0'], 2, 'option-conflict', 'nothing to draw with --maps 0'],
		[['norms', '--data', inFolder('bare')], 2, 'no-captions', 'holds neither captions.json nor 2ds.jsonl'],
		[['norms', '--data', 'nowhere'], 2, 'no-folder', 'nowhere: no such file or folder'],
		[['norms', '--model', inFolder('broken')], 1, 'not-finite', '"multi_modal_projector.linear_1.weight" holds NaN'],
		[['linear', '--model', inFolder('broken')], 1, 'not-finite', '"multi_modal_projector.linear_1.weight" holds NaN'],
		[
			['permutation', '--model', inFolder('broken')],
			1,
			'not-finite',
			'"multi_modal_projector.linear_1.weight" holds NaN',
		],
		[['norms', '--images', '0'], 2, 'option-value', '--images 0: expected a whole number of 1 or more'],
		[['norms', '--out', 'models/base/config.json'], 2, 'out-input', 'lies in models/base, which must stay as it is'],
		[
			['norms', '--data', inFolder('photos'), '--out', inFolder('photos/captions.json')],
			2,
			'out-input',
			'photos, which must stay',
		],
		[['norms', '--out', 'x.png'], 2, 'option-value', '--out x.png: this probe writes JSON'],
		[['norms', '--condition', 'text-only'], 2, 'option-value', 'expected one change of the vision tokens'],
		[
			['rope', '--condition', twoOfThem],
			2,
			'permutation-length',
			'a permutation of 64 vision tokens must hold each of 0 … 63 once',
		],
		[
			['interventions', '--condition', twoOfThem],
			2,
			'condition',
			'a permutation of 64 vision tokens must hold each of 0 … 63 once',
		],
		[['permutation', '--blocks', '3'], 2, 'permutation', 'blocks of 3 × 3 do not fill a grid of 8 × 8'],
		[['permutation', '--task', 'pope'], 2, 'option-missing', '--data is missing'],
		[['compression', '--selection', 'best'], 2, 'option-value', '"best" is none of random, strided'],
		[['compression', '--counts', '65'], 2, 'compression', 'there are 64 vision tokens, fewer than the 65 to select'],
		[['linear', '--images', '4'], 2, 'option-value', '--images 4: expected a whole number of 5 or more'],
		[['linear', '--condition', 'permuted'], 2, 'linear-permute', 'permuted tokens have no place in the grid'],
	])('probe %j ends with status %i and code %s', async (args, code, name, message) => {
		const finished = await dorsal(['probe', ...args, ...(args.includes('--images') ? [] : ['--images', '5'])]);
		expect(finished).toMatchObject({ code, stdout: '' });
		const line = finished.stderr.trim().split('\n').at(-1)!;
		expect(line).toContain(`dorsal: error [${name}]: `);
		expect(line).toContain(message);
	});
});

describe('docs/probes', () => {
	const pages = readdirSync('docs/probes').map((name) => path.join('docs/probes', name));
	const text = pages.map((page) => readFileSync(page, 'utf8')).join('\n');

	it('names commands and options that exist', async () => {
		const lines = [...text.matchAll(/^dorsal (.*?)(?: {2,}#.*| \\|)$/gm)].map((match) => match[1]!);
		expect(lines.length).toBeGreaterThan(8);
		for (const line of lines) {
			const words = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!);
			const name = [words.slice(0, 2).join(' '), words[0]!].find((known) => Object.hasOwn(commands, known))!;
			const { args } = await commands[name]!.load();
			expect(() => parse(words.slice(name.split(' ').length), args, name)).not.toThrow();
		}
	});

	it('has a page for each probe, and links to files that are there', () => {
		const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => path.join('docs/probes', match[1]!));
		expect(links).toEqual(expect.arrayContaining(Object.keys(SCHEMAS).map((name) => `docs/probes/${name}.md`)));
		expect(links.filter((link) => !existsSync(link))).toEqual([]);
	});
});

describe('dorsal ask --attention', () => {
	const scene = inFolder('scene.png');

	it.each(['png', 'svg'])('draws a map as %s and says what it shows', async (format) => {
		const file = inFolder(`asked.${format}`);
		const { code, stdout, stderr } = await dorsal(['ask', scene, prompt, '--attention', file]);
		expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
		expectReadable(stdout);
		const [answer, caption] = stdout.trim().split('\n\n') as [string, string];
		expect(answer).toBe((await dorsal(['ask', scene, prompt])).stdout.trim());
		expect(caption.startsWith(`${file}: Attention to the image as the model generates the token "`)).toBe(true);
		if (format === 'png') expect((await decodeImage(readFileSync(file))).height).toBeGreaterThan(448);
		else expect(readFileSync(file, 'utf8')).toContain('</svg>');
	});

	it('tells its file, token, layers and heads as JSON, after changes of the vision tokens', async () => {
		const file = inFolder('changed.png');
		const options = [
			'--layers',
			'1,-1',
			'--heads',
			'0',
			'--map',
			'both',
			'--normalize',
			'paper',
			'--permute',
			'--json',
		];
		const { stdout } = await dorsal(['ask', scene, prompt, '--attention', file, ...options]);
		const result = JSON.parse(stdout);
		expect(result).toMatchObject({
			path: { normalize: { mode: 'paper' }, permute: { kind: 'random', seed: 0 } },
			attention: { file, answer: result.answer, source: 'composed', layers: [1, 3], heads: [0], rows: 8, columns: 8 },
		});
		expect(result.attention.weights).toHaveLength(64);
		expect(statSync(file).size).toBeGreaterThan(1000);
	});

	it.each([
		[['--attention', 'map.pdf'], 'option-value', '--attention map.pdf: expected a name that ends in .png or .svg'],
		[['--attention', 'map.png', '--layers', '9'], 'no-such-head', 'layer 9 does not exist'],
		[['--attention', 'map.png', '--word', 'elephant'], 'word-not-generated', 'the word "elephant" was not generated'],
		[['--attention', 'map.png', '--text-only'], 'option-conflict', 'without an image there is nothing to look at'],
		[['--attention', 'map.png', '--temperature', '1'], 'option-conflict', 'leave out --temperature'],
		[['--word', 'circle'], 'option-conflict', '--word: is for a map; say with --attention FILE where it goes'],
		[['--map', 'vit'], 'option-conflict', '--map: is for a map'],
	])('ask %j is refused with code %s', async (args, name, message) => {
		const { code, stdout, stderr } = await dorsal(['ask', scene, prompt, ...args]);
		expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
		expect(stderr).toContain(`dorsal: error [${name}]: `);
		expect(stderr).toContain(message);
		expect(stderr.trim().split('\n')).toHaveLength(1);
	});
});
