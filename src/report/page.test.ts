import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { syntheticNorms, syntheticRun } from '../../test/report/synthetic.ts';
import { reportData } from './data.ts';
import { standalone } from './figures/svg.ts';
import { renderReport, SECTIONS } from './page.ts';
import { PAPER_TABLE_2 } from './paper.ts';
import { drawn, NARROW, WIDE } from './section.ts';

const CONDITIONS = { intact: 0.85, permuted: 0.45, 'pool:4': 0.6, 'text-only': 0.39, 'wrong-image': 0.4 };

async function twoModels() {
	const other = { model: 'models/other', seed: 5, images: 60 };
	return [
		await syntheticRun({ conditions: CONDITIONS }, { images: 60, pictures: true }),
		await syntheticRun({ conditions: { intact: 0.95, permuted: 0.94 } }, { task: '2ds-ventral', images: 60 }),
		await syntheticRun({ conditions: { ...CONDITIONS, intact: 0.6 } }, { ...other, location: 'runs/other' }),
		await syntheticRun({ conditions: { intact: 0.9, permuted: 0.8 } }, { ...other, task: 'pope' }),
	];
}

const textOf = (html: string) => parseHTML(html).document.body.textContent!.replace(/\s+/g, ' ');

describe('renderReport', () => {
	it('is the same bytes from the same runs', async () => {
		const options = { command: 'dorsal report x', probes: [syntheticNorms()] };
		const [a, b] = [await reportData(await twoModels(), options), await reportData(await twoModels(), options)];
		expect(renderReport(a).html).toBe(renderReport(b).html);
	});

	it('holds nothing that runs, nothing that is fetched, and no id twice', async () => {
		const { html } = renderReport(await reportData(await twoModels(), { probes: [syntheticNorms()] }));
		const { document } = parseHTML(html);
		expect(document.querySelectorAll('script, link, iframe, object, embed, form, base')).toHaveLength(0);
		for (const element of document.querySelectorAll('*')) {
			for (const { name, value } of Array.from(element.attributes)) {
				expect(name).not.toMatch(/^on/);
				if (name === 'src') expect(value).toMatch(/^data:image\/(png|jpeg|webp);base64,/);
				if (name === 'href') expect(value).toMatch(element.localName === 'image' ? /^data:image\/png;base64,/ : /^#/);
			}
		}
		expect(html).not.toMatch(/url\(|@import|https?:/);
		const ids = Array.from(document.querySelectorAll('[id]'), ({ id }) => id);
		expect(new Set(ids).size).toBe(ids.length);
		for (const a of document.querySelectorAll('nav a')) expect(ids).toContain(a.getAttribute('href')!.slice(1));
	});

	it('gives every figure a label, both widths and its numbers', async () => {
		const { html, figures } = renderReport(await reportData(await twoModels(), { probes: [syntheticNorms()] }));
		const { document } = parseHTML(html);
		expect(figures.map(({ name }) => name)).toEqual([
			'sensitivity',
			'conditions',
			'categories',
			'objects',
			'norms',
			'norms-grid',
		]);
		for (const figure of figures) {
			const element = document.querySelector(`#figure-${figure.name}`)!;
			const svgs = Array.from(element.querySelectorAll('svg'));
			expect(svgs.map((svg) => svg.getAttribute('role'))).toEqual(['img', 'img']);
			for (const svg of svgs) expect(svg.getAttribute('aria-label')).toBe(figure.alt);
			expect(element.querySelectorAll('details tbody tr')).toHaveLength(figure.data.rows.length);
			expect(element.querySelector('figcaption')!.textContent!.length).toBeGreaterThan(40);
			expect(figure.data.rows.length).toBeGreaterThan(0);
		}
	});

	it("sets the paper's figures beside ours under their own heads", async () => {
		const { document } = parseHTML(renderReport(await reportData(await twoModels())).html);
		const rowOf = (section: string, head: string) => {
			const rows = Array.from(document.querySelectorAll(`#${section} tr`));
			return rows.find((row) => row.querySelector('th')?.textContent === head)!;
		};
		const papers = (row: Element) => Array.from(row.querySelectorAll('td.paper'), (cell) => cell.textContent);
		expect(papers(rowOf('permutation', 'GQA'))).toEqual(['61.36', '58.62', '−2.74']);
		const pope = Array.from(document.querySelectorAll('#permutation tbody')).find((body) =>
			body.textContent!.includes('POPE'),
		)!;
		expect(papers(pope.querySelectorAll('tr')[1]!)).toEqual(['87.30', '87.10', '−0.20']);
		expect(textOf(document.documentElement.outerHTML)).toContain('Paper, Table 1: LLaVA-1.5 7B');
	});

	it('says how far the draws of a shuffle lie apart, and what a guess knows, where the tables have one', async () => {
		const data = await reportData(await twoModels());
		const { draws } = data.runs[0]!.results.conditions.permuted!;
		const ends = [Math.min, Math.max].map((end) => (100 * end(...draws.map(({ accuracy }) => accuracy))).toFixed(1));
		const { document } = parseHTML(renderReport(data).html);
		for (const section of ['permutation', 'conditions']) {
			const cells = Array.from(document.querySelectorAll(`#${section} td`), (cell) => cell.textContent!);
			expect(cells.filter((text) => text.endsWith(ends.join(' to ')))).not.toEqual([]);
			expect(document.querySelector(`#${section}`)!.textContent).toMatch(
				/over images for these (orders|draws), not over all/,
			);
		}
		const noteOf = (html: string) => parseHTML(html).document.querySelector('#permutation .note')!.textContent;
		expect(noteOf(document.documentElement.outerHTML)).toContain(
			'not the image; in 2DS it also knows which objects are there, but not where; in the ventral twin,',
		);
		const pope = await syntheticRun({ conditions: { intact: 0.9 } }, { task: 'pope', images: 20 });
		expect(noteOf(renderReport(await reportData([pope])).html)).toContain('but not the image. Lenient');
	});

	it('gives no interval of a difference and no verdict from too few images', async () => {
		const run = await syntheticRun({ conditions: { intact: 1, permuted: 0.2 } }, { images: 2 });
		const { document } = parseHTML(renderReport(await reportData([run])).html);
		for (const section of ['permutation', 'conditions']) {
			const bounds = Array.from(document.querySelectorAll(`#${section} .bounds`), (cell) => cell.textContent);
			expect(bounds).toContain('too few images');
			expect(bounds.filter((text) => /[+−]/.test(text!))).toEqual([]);
		}
		expect(document.querySelector('#answer')!.textContent).toContain(': 2, where at least 10 are needed.');
		expect(document.querySelector('#what-and-where')).toBeNull();
	});

	it('compares two models on the same questions', async () => {
		const text = textOf(renderReport(await reportData(await twoModels())).html);
		expect(text).toMatch(
			/On the same questions of 2DS, yes\/no form, other \(−\d+\.\d points \[.*\]\) is worse than tiny-llava/,
		);
		expect(text).toContain('against tiny-llava');
	});

	it('sets models and the paper below each other, and says in one sentence which are alike', async () => {
		const third = { ...CONDITIONS, intact: 0.4 };
		const more = await syntheticRun(
			{ conditions: third },
			{ model: 'models/third', images: 60, location: 'runs/third' },
		);
		const { html } = renderReport(await reportData([...(await twoModels()), more]));
		expect(textOf(html)).toMatch(/form, other \(.*\]\) and third \(.*\]\) are worse than tiny-llava/);
		const table = parseHTML(html).document.querySelector('#two-ds table')!;
		const rows = Array.from(table.querySelectorAll('tr'), (row) =>
			Array.from(row.querySelectorAll('th, td'), (cell) => cell.textContent),
		);
		expect(rows.map(([name]) => name)).toEqual([
			...['Model', 'n', 'Chance', 'These models, and in points against tiny-llava', 'tiny-llava', 'other', 'third'],
			...['Paper, Table 2 (7B, its own 2DS)', 'LLaVA-1.5', '+ Normalize', '+ Normalize + Multilayer'],
		]);
		expect(rows[0]!.slice(3)).toEqual(Object.keys(PAPER_TABLE_2));
		expect(rows[6]![1]).toMatch(/^\d+\.\d\[.*\]−\d+\.\d\[−.*\]$/);
		expect(rows[9]).toEqual(['+ Normalize', '59.30', '–', '88.00', '42.40', '79.00', '32.80', '71.80', '41.80']);
	});

	it('shows every other group, the largest values first, and sets that are right as a whole', async () => {
		const run = await syntheticRun(
			{ conditions: { intact: 1 } },
			{
				images: 60,
				record: (record) => {
					const relation = record.category.endsWith('rel') ? 'left of' : `kind ${record.id.slice(6, 9)}`;
					return { ...record, groups: { objects: '2', form: 'yes-no', relation, 'set:quad': record.image } };
				},
			},
		);
		const { document } = parseHTML(renderReport(await reportData([run])).html);
		const section = document.querySelector('#groups')!;
		const rows = Array.from(section.querySelectorAll('tr'), (row) =>
			Array.from(row.querySelectorAll('th, td'), (cell) => cell.textContent),
		);
		expect(rows[1]).toEqual(['Sets right as a whole']);
		expect(rows[2]!.slice(0, 2)).toEqual(['quad', '60']);
		expect(rows[3]).toEqual(['relation (the 40 largest; 21 smaller ones left out)']);
		expect(rows[4]!.slice(0, 2)).toEqual(['left of', '180']);
		expect(rows).toHaveLength(4 + 40);
		expect(section.textContent).not.toContain('yes-no');
	});

	it('marks right and wrong by sign and word, and shows the draws', async () => {
		const { document } = parseHTML(renderReport(await reportData(await twoModels())).html);
		const gallery = document.querySelector('#gallery')!;
		expect(gallery.querySelector('.right .heard')!.textContent).toBe('right: ');
		expect(gallery.querySelector('td .wrong')!.textContent).toMatch(/^[✗?](wrong|not readable): $/);
		expect(gallery.textContent).toMatch(/[0-3]\/3 draws/);
		expect(gallery.querySelectorAll('img')).toHaveLength(4);
	});

	it('escapes whatever a model, a file or a question says', async () => {
		const evil = `</style></svg><script>alert("x")</script><img src=x onerror='alert(1)'>\u202eשלום`;
		const run = await syntheticRun(
			{ conditions: CONDITIONS, raw: `${evil}${'long '.repeat(2000)}` },
			{
				images: 30,
				model: `models/${evil.replaceAll('/', '')}`,
				title: evil,
				location: `runs/${evil}`,
				pictures: true,
				manifest: (manifest) => ({
					...manifest,
					backend: { ...manifest.backend, promptTemplate: evil },
					task: { ...manifest.task, facts: { [evil]: evil } },
				}),
				record: (record) => ({
					...record,
					prompt: evil,
					answer: evil,
					category: evil,
					image: `${evil}${record.image}`,
				}),
			},
		);
		const probe = { ...syntheticNorms(), model: evil, modelHash: null, data: evil };
		const data = await reportData([run], { title: evil, command: evil, probes: [probe], undrawn: [evil] });
		const { html, figures } = renderReport(data);
		const { document } = parseHTML(html);
		expect(document.querySelectorAll('script')).toHaveLength(0);
		expect(html).not.toMatch(/<script|<img src=x|\u202e/);
		expect(document.querySelectorAll('style')).toHaveLength(1);
		for (const element of document.querySelectorAll('*')) {
			for (const { name } of Array.from(element.attributes)) expect(name).not.toMatch(/^on/);
		}
		const cuts = Array.from(document.querySelectorAll('#gallery td .cut'), (cut) => cut.textContent);
		expect(cuts.some((cut) => /^ … \d{4,} more characters$/.test(cut!))).toBe(true);
		expect(document.querySelector('#gallery bdi')!.textContent).toContain('alert("x")');
		for (const figure of figures) {
			for (const width of [WIDE, NARROW]) expect(drawn(figure, width)).not.toMatch(/<script|<img|\u202e/);
			const parsed = parseHTML(standalone(drawn(figure, WIDE))).document;
			expect(parsed.querySelectorAll('script, img')).toHaveLength(0);
		}
		expect(html.length).toBeLessThan(5e6);
	});

	it('needs no more than one condition of one task', async () => {
		const run = await syntheticRun({ conditions: { permuted: 0.5 } }, { task: 'pope', images: 3 });
		const { html, figures } = renderReport(await reportData([run]));
		expect(textOf(html)).toContain('None of these runs asks where things are.');
		expect(figures.map(({ name }) => name)).toEqual(['conditions']);
		expect(SECTIONS.length).toBeGreaterThan(5);
	});

	it('refuses a run that is not finished or holds no answers', async () => {
		const run = await syntheticRun({ conditions: { intact: 1 } }, { images: 2, location: 'runs/x' });
		await expect(reportData([{ ...run, results: null }])).rejects.toThrow('runs/x: the run is not finished');
		await expect(reportData([{ ...run, results: { ...run.results!, conditions: {} } }])).rejects.toThrow('no answers');
	});
});
