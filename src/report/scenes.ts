import type { RunRecord } from '../eval/run.ts';
import type { Run } from '../eval/store.ts';
import type { Habit, Scene } from './inputs.ts';

/** Most questions shown about one scene; photographs may have dozens. */
const QUESTIONS_A_SCENE = 8;
/** A larger picture is left out: a report is a file to send, and scenes are far smaller. */
const MAX_PICTURE_BYTES = 200_000;

const KINDS: readonly { type: string; magic: readonly number[]; at: number }[] = [
	{ type: 'image/png', magic: [0x89, 0x50, 0x4e, 0x47], at: 0 },
	{ type: 'image/jpeg', magic: [0xff, 0xd8], at: 0 },
	{ type: 'image/webp', magic: [0x57, 0x45, 0x42, 0x50], at: 8 },
];

/** Bytes that the pictures of one report may still take, together. */
export interface PictureBudget {
	bytes: number;
}

/** An encoded picture as a `data:` address; null where it is of another kind, too large or over the budget. */
export function pictureSource(bytes: Uint8Array, budget: PictureBudget): string | null {
	const kind = KINDS.find(({ magic, at }) => magic.every((byte, i) => bytes[at + i] === byte));
	if (!kind || bytes.length > MAX_PICTURE_BYTES || bytes.length > budget.bytes) return null;
	budget.bytes -= bytes.length;
	let binary = '';
	for (const byte of bytes) binary += String.fromCharCode(byte);
	return `data:${kind.type};base64,${btoa(binary)}`;
}

/** Images of the first `count` questions that the run set aside, in that order. */
async function galleryImages(run: Run, count: number): Promise<Map<string, string>> {
	const ids = run.manifest.gallery.slice(0, count);
	const left = new Set(ids);
	const imageOf = new Map<string, string>();
	for await (const { id, image } of run.records()) {
		if (!left.delete(id)) continue;
		imageOf.set(id, image);
		if (left.size === 0) break;
	}
	return new Map(ids.flatMap((id) => (imageOf.has(id) ? [[imageOf.get(id)!, id] as const] : [])));
}

/** Counts of the answers given, and of the right answers, in one category. */
interface Counts {
	questions: number;
	given: Map<string | null, number>;
	right: Map<string, number>;
}

const increase = <K>(counts: Map<K, number>, key: K) => counts.set(key, (counts.get(key) ?? 0) + 1);

function countAnswer(categories: Map<string, Counts>, { category, value, answer }: RunRecord): void {
	const counts = categories.get(category) ?? { questions: 0, given: new Map(), right: new Map() };
	categories.set(category, counts);
	counts.questions++;
	increase(counts.given, value);
	increase(counts.right, answer);
}

function habitsOf(categories: Map<string, Counts>): Habit[] {
	return [...categories].map(([category, { questions, given, right }]) => {
		const [answer, times] = [...given].reduce((best, next) => (next[1] > best[1] ? next : best));
		const isRight = answer === null ? 0 : (right.get(answer) ?? 0);
		return { category, questions, answer, given: times / questions, right: isRight / questions };
	});
}

/**
 * What a report takes from a run's records: the scenes of its first `count` gallery questions and its habits. Records
 * are read twice and never held but for those scenes. `pictures` null leaves the pictures out.
 */
export async function readScenes(
	run: Run,
	{ count, pictures }: { count: number; pictures: PictureBudget | null },
): Promise<{ scenes: Scene[]; habits: Habit[] }> {
	const chosen = await galleryImages(run, count);
	const kept = new Map<string, RunRecord[]>([...chosen.keys()].map((image) => [image, []]));
	const answers = new Map<string, Counts>();
	for await (const record of run.records()) {
		if (record.condition === 'intact' && record.draw === 0) countAnswer(answers, record);
		kept.get(record.image)?.push(record);
	}
	const scenes: Scene[] = [];
	for (const [image, id] of chosen) {
		const records = kept.get(image)!;
		const ids = new Set([...new Set([id, ...records.map((record) => record.id)])].slice(0, QUESTIONS_A_SCENE));
		const bytes = pictures && (await run.image(id));
		scenes.push({
			image,
			source: bytes && pictureSource(bytes, pictures),
			records: records.filter((record) => ids.has(record.id)),
		});
	}
	return { scenes, habits: habitsOf(answers) };
}
