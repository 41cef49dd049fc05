import { buildTask, type TaskInput } from '../score-task.ts';
import type { Task } from '../task.ts';
import { readWhatsUp } from './data.ts';
import type { WhatsUpQuestion } from './question.ts';
import { RELATIONS, type Relation, type Subset } from './relations.ts';
import { anyRelation, wholeRelation } from './rule.ts';

const OPTIONS: Readonly<Record<Subset, string>> = {
	A: 'left, right, on or under',
	B: 'left, right, front or behind',
	'coco-one': 'left, right, top or bottom',
	'coco-two': 'left, right, above or below',
	'vg-one': 'left, right, front, behind, top or bottom',
	'vg-two': 'left, right, front, behind, above or below',
};

const isSideways = (relation: Relation) => relation === 'left' || relation === 'right';

function question({ subject, object, plural, subset }: WhatsUpQuestion): string {
	const what = `Where ${plural ? 'are' : 'is'} the ${subject.replaceAll('-', ' ')}`;
	const where = object === null ? 'in the photo' : `in relation to the ${object.replaceAll('-', ' ')}`;
	return `${what} ${where}? Answer with ${OPTIONS[subset]}.`;
}

/** The sets that a controlled photo is in; photos of COCO and Visual Genome are in none. */
function groupsOf({ subject, object, relation, subset }: WhatsUpQuestion): Record<string, string> {
	if (object === null || (subset !== 'A' && subset !== 'B')) return { subset };
	return {
		object,
		'set:pair': `${subject}, ${object}, ${isSideways(relation) ? 'left and right' : 'the others'}`,
		'set:set': `${subject}, ${object}`,
	};
}

async function* again(questions: readonly WhatsUpQuestion[]): AsyncGenerator<WhatsUpQuestion> {
	yield* questions;
}

/** What'sUp to be asked, in the words of the AdaptVis prompts. */
export async function whatsUpTask(input: TaskInput): Promise<Task> {
	const questions: WhatsUpQuestion[] = [];
	for await (const each of readWhatsUp(input.files)) questions.push(each);
	const subsets = new Set(questions.map(({ subset }) => subset));
	if (subsets.has('A') || subsets.has('B')) subsets.add('A').add('B');
	return buildTask(input, {
		name: 'whatsup',
		title: "What'sUp: where is the one object in relation to the other?",
		questions: again(questions),
		wordings: { adaptvis: question },
		describe: (own) => ({
			image: own.image,
			answer: own.relation,
			category: own.relation,
			chance: 1 / RELATIONS[own.subset].length,
			groups: groupsOf(own),
		}),
		answers: [...new Set([...subsets].flatMap((subset): readonly Relation[] => RELATIONS[subset]))],
		strict: (own, raw) => wholeRelation(own, raw),
		lenient: (own, raw) => anyRelation(own, raw),
	});
}
