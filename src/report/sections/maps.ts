import { methodOf } from '../../probes/overlay.ts';
import type { AttentionMap } from '../../probes/results.ts';
import { attentionMapsFigure, type MapLine } from '../figures/attention-maps.ts';
import { fixed, list, plural, significant, withPercent } from '../format.ts';
import { html } from '../html.ts';
import { type Measured, probesOf, type ReportData } from '../inputs.ts';
import { type Figure, figureHtml, ofEach, type Section } from '../section.ts';

/** Questions drawn; a report is a file to send. */
const SHOWN = 8;
/** A larger picture is left out, and so are those past the sum, in characters of their addresses. */
const LARGEST_PICTURE = 90_000;
const ALL_PICTURES = 400_000;

interface MapRow {
	first: AttentionMap;
	/** In the order of the models. */
	maps: (AttentionMap | null)[];
}

const keyOf = ({ image, question, source }: AttentionMap) => JSON.stringify([image, question, source]);

/** One row a question and kind of map, those that most models share first. */
function rowsOf(measured: readonly Measured<'attention'>[]): MapRow[] {
	const rows = new Map<string, MapRow>();
	for (const [i, { result }] of measured.entries()) {
		for (const map of result.maps) {
			const row = rows.get(keyOf(map)) ?? { first: map, maps: measured.map(() => null) };
			row.maps[i] ??= map;
			rows.set(keyOf(map), row);
		}
	}
	const shared = ({ maps }: MapRow) => maps.filter((map) => map !== null).length;
	return [...rows.values()].sort((a, b) => shared(b) - shared(a));
}

const SOURCES = { llm: '', vit: ' (the encoder’s own)', composed: ' (through the encoder)' } as const;

const noteOf = ({ answer, token, entropy, visionShare, source }: AttentionMap) =>
	source === 'vit'
		? `H\u00a0${fixed(entropy, 2)}`
		: `${answer} [${token.text}], H\u00a0${fixed(entropy, 2)}, image\u00a0${withPercent(visionShare)}`;

/** Pictures that fit into the report, by image: the map's own, or the one that a run kept. */
function picturesOf(rows: readonly MapRow[], { runs }: ReportData): Map<string, string> {
	const kept = new Map<string, string>();
	let left = ALL_PICTURES;
	for (const { first, maps } of rows) {
		const own = maps.find((map) => map?.picture !== undefined)?.picture;
		const stored = runs.flatMap(({ scenes }) => scenes).find(({ image }) => image === first.image)?.source;
		const picture = own ?? stored;
		if (!picture || kept.has(first.image) || picture.length > Math.min(left, LARGEST_PICTURE)) continue;
		kept.set(first.image, picture);
		left -= picture.length;
	}
	return kept;
}

function mapsFigure(measured: readonly Measured<'attention'>[], rows: readonly MapRow[], data: ReportData): Figure {
	const pictures = picturesOf(rows, data);
	const lines = rows.map(({ first, maps }): MapLine => {
		return {
			question: `${first.question}${SOURCES[first.source]}`,
			picture: pictures.get(first.image) ?? null,
			cells: maps.map((map) => map && { ...map, note: noteOf(map) }),
		};
	});
	const models = measured.map(({ model }) => model);
	const drawn = rows.flatMap(({ maps }, r) =>
		maps.flatMap((map, i) => (map ? [{ map, model: models[i]!, question: lines[r]!.question }] : [])),
	);
	const methods = [...new Set(drawn.map(({ map }) => methodOf(map)))];
	return {
		name: 'attention-maps',
		caption: `Attention to the image as each model generates the token in brackets, under its answer, with the normalised entropy H of the map and the share of the row that goes to the image. ${methods.map((method) => `${method[0]!.toUpperCase()}${method.slice(1)}.`).join(' Or: ')} Colours from the least to the greatest weight of each map, over the image as the encoder sees it.`,
		alt: `Attention maps. ${drawn.map(({ map, model, question }) => `${model}, ${question} ${noteOf(map)}, ${peakOf(map)}`).join('. ')}.`,
		data: {
			columns: ['model', 'image', 'question', 'answer', 'token', 'row', 'column', 'weight'],
			rows: drawn.flatMap(({ map, model, question }) =>
				map.weights.map((weight, i) => [
					model,
					map.image,
					question,
					map.answer,
					map.token.text,
					Math.floor(i / map.columns),
					i % map.columns,
					weight,
				]),
			),
		},
		draw: (options) => attentionMapsFigure(models, lines, options),
	};
}

const THIRDS = [
	['top left', 'top', 'top right'],
	['left', 'middle', 'right'],
	['bottom left', 'bottom', 'bottom right'],
] as const;

/** Where a map is greatest, in thirds of the image. */
function peakOf({ weights, rows, columns }: AttentionMap): string {
	const at = weights.reduce((best, weight, i) => (weight > weights[best]! ? i : best), 0);
	const third = (i: number, n: number) => Math.min(2, Math.floor(((i + 0.5) * 3) / n)) as 0 | 1 | 2;
	return `greatest at the ${THIRDS[third(Math.floor(at / columns), rows)][third(at % columns, columns)]}`;
}

/** How far the strongest place of a map stands out from an even spread. */
function sentence({ model, result: { maps } }: Measured<'attention'>): string {
	const seen = maps.filter(({ source }) => source !== 'vit');
	if (seen.length === 0) return `${model} has no maps.`;
	const excess = seen.map(({ weights }) => {
		const sum = weights.reduce((a, b) => a + b, 0);
		return sum > 0 ? (Math.max(...weights) * weights.length) / sum : 1;
	});
	const [low, high] = [Math.min(...excess), Math.max(...excess)];
	const shares = seen.map(({ visionShare }) => visionShare);
	const range = (a: string, b: string) => (a === b ? a : `${a} to ${b}`);
	return `In ${plural(seen.length, 'map')} of ${model}, the place looked at most gets ${range(significant(low), significant(high))} times the weight of an even spread, and the image as a whole ${range(withPercent(Math.min(...shares)), withPercent(Math.max(...shares)))} of the row.`;
}

/** Maps of attention over their images (Sec. 7.1, Fig. 7 and 8): models × questions; null where there are none. */
export function mapsSection(data: ReportData): Section | null {
	const measured = probesOf(data, 'attention').filter(({ result }) => result.maps.length > 0);
	const rows = rowsOf(measured);
	if (rows.length === 0) return null;
	const figure = mapsFigure(measured, rows.slice(0, SHOWN), data);
	const left = rows.length - SHOWN;
	const grids = [
		...new Set(measured.flatMap(({ result }) => result.maps.map((map) => `${map.rows} × ${map.columns}`))),
	];
	return {
		id: 'maps',
		title: 'Where it looks: attention maps (Fig. 7 and 8)',
		html: html`${ofEach(measured.map(sentence))}<p>The paper draws such maps of LLaVA-1.5 7B on a grid of 24 × 24 tokens; here the maps have ${list(grids)} places. ${plural(rows.length, 'example')} cannot show a rule; the entropies below are over all images. Attention is not an explanation: a token may be looked at and not used.${left > 0 && ` ${plural(left, 'question')} more in the probe’s file.`}</p>
${figureHtml(figure)}`,
		figures: [figure],
	};
}
