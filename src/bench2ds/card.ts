import { VERSION } from '../base/version.ts';
import type { Bench } from './bench.ts';
import { counts, markdownTable } from './counts.ts';
import { CATEGORIES, topShare } from './plan.ts';
import type { QaPair } from './questions.ts';
import type { BenchRecord } from './record.ts';
import { MARGIN, RATIO } from './relations.ts';
import { CELLS, EDGE, GAP, hex, JITTER, type Placement, RADIUS } from './scene.ts';
import { COLORS, PALETTE, SHAPES } from './shapes.ts';

const percent = (share: number) => `${Math.round(share * 1000) / 10} %`;

/** Questions by type and form, in the order in which they stand in a record. */
function byKind(records: readonly BenchRecord[]): Map<string, QaPair[]> {
	const kinds = new Map<string, QaPair[]>();
	for (const pair of records.flatMap(({ qa_pairs }) => qa_pairs)) {
		const name = `${pair.qa_category}, ${pair.form}`;
		const list = kinds.get(name) ?? [];
		list.push(pair);
		kinds.set(name, list);
	}
	return kinds;
}

const listed = (values: Iterable<string>) =>
	[...counts(values)]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.map(([value, count]) => `${value} ${count}`)
		.join(', ');

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function kindsTable(records: readonly BenchRecord[]): string {
	const rows = [...byKind(records)].map(([name, pairs]) => [
		`\`${name}\``,
		pairs.length,
		percent(mean(pairs.map(({ chance }) => chance))),
		pairs[0]!.question,
		pairs[0]!.answer,
	]);
	return markdownTable(['Type, form', 'Questions', 'Chance', 'Example', 'Answer'], rows);
}

function balanceTable(records: readonly BenchRecord[]): string {
	const rows = [...byKind(records)].map(([name, pairs]) => {
		const relations = pairs.flatMap(({ relation }) => relation ?? []);
		const cells = [`\`${name}\``, listed(pairs.map(({ answer }) => answer))];
		return relations.length > 0 ? [...cells, listed(relations)] : cells;
	});
	const head = ['Type, form', 'Right answers', 'Side asked about, or true direction'];
	return markdownTable(head.slice(0, rows[0]!.length), rows);
}

/** Direction asked and right answer, for the yes-no form; null where there is none. */
function askedTable(records: readonly BenchRecord[]): string | null {
	const pairs = records.flatMap(({ qa_pairs }) => qa_pairs).filter(({ form }) => form === 'yes-no');
	if (pairs.length === 0) return null;
	const asked = ({ question }: QaPair) => / (above|below|left|right) /.exec(question)![1]!;
	const rows = ['above', 'below', 'left', 'right'].map((direction) => {
		const some = pairs.filter((pair) => asked(pair) === direction);
		return [direction, ...['yes', 'no'].map((answer) => some.filter((pair) => pair.answer === answer).length)];
	});
	return markdownTable(['Direction asked, three types together', 'yes', 'no'], rows);
}

function marginsTable(records: readonly BenchRecord[]): string {
	const rows = [...byKind(records)].map(([name, pairs]) => {
		const margins = pairs.map(({ margin }) => margin!).sort((a, b) => a - b);
		const ratios = pairs.flatMap(({ ratio }) => ratio ?? []).sort((a, b) => a - b);
		return [`\`${name}\``, margins[0]!, margins[margins.length >> 1]!, margins.at(-1)!, ratios[0] ?? ''];
	});
	return markdownTable(['Type, form', 'Least margin (px)', 'Median', 'Largest', 'Least ratio'], rows);
}

function categoriesTable({ sets }: Bench, records: readonly BenchRecord[]): string {
	const rows = CATEGORIES.map((category) => [
		category,
		records.filter(({ objects }) => objects.length === category).length,
		sets[category].map(({ color, shape }) => `${color} ${shape}`).join(', '),
		percent(topShare(category)),
	]);
	return markdownTable(['Objects', 'Images', 'Which', 'Chance of an absolute question'], rows);
}

function command({ options }: Bench): string {
	const { images, size, seed, form, quads, placement } = options;
	const flags = [...(placement === 'grid' ? [] : [`--placement ${placement}`]), ...(quads ? ['--quads'] : [])];
	const numbers = `--images ${images} --size ${size} --seed ${seed} --form ${form}`;
	return ['dorsal bench 2ds', numbers, ...flags, '--out DIR'].join(' ');
}

const PLACES: Readonly<Record<Placement, string>> = {
	grid: `at most ${JITTER} of the side off the middle of one of ${CELLS} × ${CELLS} cells, each way`,
	free: 'anywhere in the image',
};

/** The benchmark's card, README.md: what it holds, counted from the records, and how it was made. */
export function card(bench: Bench, records: readonly BenchRecord[], twin: readonly BenchRecord[]): string {
	const { size, quads, placement } = bench.options;
	const questions = records.flatMap(({ qa_pairs }) => qa_pairs).length;
	const answers = quads ? 'within one quad (4) of' : 'within one of';
	const asked = askedTable(records);
	const sections = [
		`---
license: mit
pretty_name: 2DS, as built by dorsal-vlm
task_categories:
- visual-question-answering
configs:
- config_name: 2ds
  data_files: 2ds.parquet
- config_name: ventral
  data_files: 2ds-ventral.parquet
---`,
		'# 2DS, a 2D synthetic spatial benchmark',
		`${records.length} images of coloured shapes, ${size} × ${size} pixels, with ${questions} questions about where they are, and ${twin.flatMap(({ qa_pairs }) => qa_pairs).length} about what they are (the ventral twin). Made by dorsal-vlm ${VERSION}; the same command gives the same bytes on every platform:`,
		`\`\`\`\n${command(bench)}\n\`\`\``,
		'The layout is that of "Beyond Semantics: Rediscovering Spatial Awareness in Vision-Language Models", Section 5.1. The paper publishes neither its generator nor its vocabulary, sizes and wordings: those are choices of ours, named as such below, and scores are not to be compared with the paper as if the questions were the same.',
		'## Files',
		`- \`2ds.jsonl\`: one line an image, \`{ entry_id, test_category, image_filename, objects, qa_pairs: [{ qa_category, question, answer, … }] }\`: the paper's fields. Ours: places and radii of \`objects\` in pixels (centre of the bounding box, y downwards); in \`qa_pairs\` \`form\`, \`chance\`, \`relation\`, \`margin\` (pixels), \`ratio\`${quads ? ', `pair`, `quad`' : ''}.
- \`2ds-ventral.jsonl\`: the twin, on the same images.
- \`images/\`: PNG, 8-bit RGB. \`2ds.parquet\`, \`2ds-ventral.parquet\`: the same with the images inside.`,
		'## Images',
		`Five categories. Within one, all images hold the same objects and only their places vary. Within an image no two objects share a colour or a shape, so either names an object.`,
		categoriesTable(bench, records),
		`Ours: eight colours (${COLORS.map((color) => `${color} ${hex(PALETTE[color])}`).join(', ')}) and eight shapes (${SHAPES.join(', ')}) on white; one radius for all, ${RADIUS} of the side; circles around two objects are at least ${GAP} of the side apart, objects at least ${EDGE} from the edge; places are random, given that and the questions: ${PLACES[placement]}. One-pixel antialiased edges by signed distance.`,
		'## Questions',
		kindsTable(records),
		`The questions of an image are about two facts: one object at one side, and one pair of objects. The three types of a kind ask for the same fact, so they differ in nothing but what names the objects (ours). Yes-no questions ask for the true direction (yes) or its opposite (no), never for a direction at right angles.`,
		`A question is asked only where it is unambiguous. Absolute: the object's centre leads the next one by at least ${MARGIN} of the side and lies in that half of the image. Relative: of |dx| and |dy| between the centres the larger is more than ${RATIO} times the smaller and at least ${MARGIN} of the side. What was met:`,
		marginsTable(records),
		'## Balance',
		`Over the whole set, in every type: right answers are ${answers} their share (colours and shapes 1/8 each, yes and no 1/2, directions 1/4), and so are sides asked about, true directions, and directions asked. The two-part answers of \`shape_color_abs\` are balanced in each part. Counted:`,
		balanceTable(records),
		...(asked === null ? [] : [asked]),
		`Chance is what a guess scores that knows the objects of the category but not where they are: for an absolute question the share of the answers that the category's most frequent object has (at least one in the number of objects: colours cannot be balanced over the whole set and objects within every category too); yes-no 1/2; direction 1/4.`,
		...(quads
			? [
					'## Mirrored quads',
					"Images come in fours, after What'sUp: the same two objects with the first above, below, left of and right of the second, made by mirroring one scene (top to bottom, along the diagonal, left to right) while the shapes stay upright. Both images of a mirrored pair (`pair`) get the same yes-no question: yes in one, no in the other. Pair accuracy counts a pair where both are right, set accuracy a quad (`quad`) where all four are; a model that always says yes has neither. The object of the absolute questions visits all four sides.",
				]
			: []),
		'## Ventral twin',
		kindsTable(twin),
		'Nothing in it depends on places. It asks about the object that the absolute questions ask for, so its colours and shapes are balanced as theirs are. A question about something that is not there joins the colour of that object to the shape of another: both are in the image. Chance of colour and shape: one in the number of objects. As the objects of a category are fixed, a model trained on the twin could learn which combinations exist: it is made for asking, not for training.',
		balanceTable(twin),
		'## Licence',
		'MIT, as dorsal-vlm.',
	];
	return `${sections.join('\n\n')}\n`;
}
