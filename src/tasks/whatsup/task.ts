import { buildTask, type TaskInput } from '../score-task.ts';
import type { Task } from '../task.ts';
import { RELATIONS, type Relation, readWhatsUp, type WhatsUpQuestion } from './data.ts';
import { anyRelation, wholeRelation } from './rule.ts';

const OPTIONS = { A: 'left, right, on or under', B: 'left, right, front or behind' };

/** Things of the photos that are spoken of as several. */
const PLURALS = ['glasses', 'headphones', 'scissors', 'shoes', 'sunglasses'];

const isSideways = (relation: Relation) => relation === 'left' || relation === 'right';

function question({ subject, object, subset }: WhatsUpQuestion): string {
	const [what, to] = [subject.replaceAll('-', ' '), object.replaceAll('-', ' ')];
	const are = PLURALS.includes(what) ? 'are' : 'is';
	return `Where ${are} the ${what} in relation to the ${to}? Answer with ${OPTIONS[subset]}.`;
}

/** What'sUp's controlled images to be asked, in the words of the AdaptVis prompts. */
export function whatsUpTask(input: TaskInput): Promise<Task> {
	return buildTask(input, {
		name: 'whatsup',
		title: "What'sUp: where is the one object in relation to the other?",
		questions: readWhatsUp(input.files),
		wordings: { adaptvis: question },
		describe: ({ image, relation, subject, object, subset }) => ({
			image,
			answer: relation,
			category: relation,
			chance: 1 / RELATIONS[subset].length,
			groups: {
				object,
				'set:pair': `${subject}, ${object}, ${isSideways(relation) ? 'left and right' : 'the others'}`,
				'set:set': `${subject}, ${object}`,
			},
		}),
		answers: [...new Set<Relation>([...RELATIONS.A, ...RELATIONS.B])],
		strict: (own, raw) => wholeRelation(own, raw),
		lenient: (own, raw) => anyRelation(own, raw),
	});
}
