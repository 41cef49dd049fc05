import { benchmark } from '../score-benchmark.ts';
import { categoriesOf, readPope } from './data.ts';
import { pairPope } from './pairing.ts';
import { popeScorers } from './score.ts';
import { popeTask } from './task.ts';

/** Questions in POPE's first `coco_pope_random.json`, which LLaVA's answers are to; today's has 3,000. */
const OLD_RANDOM = 2910;

export const pope = benchmark({
	name: 'pope',
	title: 'POPE: is the object in the image?',
	isData: /(random|popular|adversarial)[^/]*\.jsonl?$/,
	questions: readPope,
	scorers: () => popeScorers,
	pairing: (answers, files) => pairPope(answers, categoriesOf(files)),
	hint({ answers, questions }) {
		const history = `POPE's random file had ${OLD_RANDOM} questions before it had 3000`;
		if (answers % 3000 === OLD_RANDOM) return `${history}; score such answers against that file`;
		return questions % 3000 === OLD_RANDOM ? `${history}; score these answers against today's` : null;
	},
	task: popeTask,
});
