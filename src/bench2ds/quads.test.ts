import { expect, it } from 'vitest';
import { type BenchEntry, generateBench } from './bench.ts';
import { type BenchRecord, benchRecords } from './record.ts';
import { clearance, EDGE, GAP } from './scene.ts';

const bench = generateBench({ images: 40, quads: true, form: 'both', seed: 4 });
const records = new Map(benchRecords(bench).map((record) => [record.entry_id, record]));

const quads = new Map<string, BenchEntry[]>();
for (const entry of bench.entries) quads.set(entry.quad!.name, [...(quads.get(entry.quad!.name) ?? []), entry]);

const asked = ({ qa_pairs }: BenchRecord, category: string, form: string) =>
	qa_pairs.find((qa) => qa.qa_category === category && qa.form === form)!;

it('makes fours of one scene with the same two objects in all four relations, the leader at all four sides', () => {
	expect(quads.size).toBe(50);
	for (const entries of quads.values()) {
		expect(entries.map(({ pair }) => pair.direction)).toEqual(['above', 'below', 'left', 'right']);
		expect(entries.map(({ place }) => place.side)).toEqual(['top', 'bottom', 'left', 'right']);
		for (const entry of entries) {
			expect(entry.place.object).toBe(entries[0]!.place.object);
			expect([entry.pair.first, entry.pair.second]).toEqual([entries[0]!.pair.first, entries[0]!.pair.second]);
			expect(entry.pair.ratio).toBeCloseTo(entries[0]!.pair.ratio, 6);
			expect(entry.pair.margin).toBe(entries[0]!.pair.margin);
			const { objects } = entry.scene;
			for (const [i, object] of objects.entries()) {
				expect(Math.min(object.x, object.y, 1 - object.x, 1 - object.y)).toBeGreaterThan(EDGE + 0.07);
				for (const other of objects.slice(0, i)) expect(clearance(object, other)).toBeGreaterThan(GAP - 1e-9);
			}
		}
	}
});

it('asks both images of a mirrored pair the same, once with yes and once with no for an answer', () => {
	for (const entries of quads.values()) {
		for (const pair of [entries.slice(0, 2), entries.slice(2)]) {
			for (const category of ['color_rel', 'shape_rel', 'shape_color_rel']) {
				const [a, b] = pair.map(({ key }) => asked(records.get(key)!, category, 'yes-no'));
				expect(a!.question).toBe(b!.question);
				expect([a!.answer, b!.answer].sort()).toEqual(['no', 'yes']);
				expect(a!.pair).toBe(b!.pair);
			}
		}
		const where = entries.map(({ key }) => asked(records.get(key)!, 'shape_rel', 'direction'));
		expect(new Set(where.map(({ question }) => question)).size).toBe(1);
		expect(where.map(({ answer }) => answer)).toEqual(['above', 'below', 'left', 'right']);
		expect(new Set(where.map(({ quad }) => quad)).size).toBe(1);
		expect(new Set(where.map(({ pair }) => pair)).size).toBe(2);
	}
});

it('mirrors exactly: top to bottom, and along the diagonal', () => {
	for (const [above, below, left, right] of quads.values()) {
		for (const [i, { x, y }] of above!.scene.objects.entries()) {
			expect([below!.scene.objects[i]!.x, below!.scene.objects[i]!.y]).toBeAllclose([x, 1 - y], { atol: 1e-9 });
			expect([left!.scene.objects[i]!.x, left!.scene.objects[i]!.y]).toEqual([y, x]);
			expect([right!.scene.objects[i]!.x, right!.scene.objects[i]!.y]).toBeAllclose([1 - y, x], { atol: 1e-9 });
		}
	}
});
