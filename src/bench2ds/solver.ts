import { extreme, relation, SIDES, type Side } from './relations.ts';
import type { Scene, SceneObject } from './scene.ts';
import { COLORS, SHAPES } from './shapes.ts';
import { NUMBER_WORDS } from './ventral.ts';

const NAME = `(?:(${COLORS.join('|')}) )?(${SHAPES.join('|')}|object)`;

const PLACE = new RegExp(`^What (color|shape|object) is at the (${SIDES.join('|')}) of the image\\?$`);
const YES_NO = new RegExp(`^Is the ${NAME} (above|below|left of|right of) the ${NAME}\\?$`);
const WHERE = new RegExp(`^Where is the ${NAME} relative to the ${NAME}\\?$`);
const ATTRIBUTE = new RegExp(`^What (color|shape) is the ${NAME}\\?$`);
const EXISTS = new RegExp(`^Is there an? ${NAME} in the image\\?$`);
const COUNT = /^How many objects are in the image\?$/;

/** The objects that a name fits. */
function named(scene: Scene, color: string | undefined, shape: string | undefined): SceneObject[] {
	return scene.objects.filter(
		(object) => (color === undefined || object.color === color) && (shape === 'object' || object.shape === shape),
	);
}

function describe(asked: string, { color, shape }: SceneObject): string {
	if (asked === 'object') return `${color} ${shape}`;
	return asked === 'color' ? color : shape;
}

/**
 * Answers a question from its text and the scene alone, by the larger of |dx| and |dy| and without regard to margins.
 * Undefined where the question is of no known form, or names no object or more than one.
 */
export function solve(scene: Scene, question: string): string | undefined {
	const only = (color: string | undefined, shape: string | undefined) => {
		const found = named(scene, color, shape);
		return found.length === 1 ? found[0] : undefined;
	};
	const between = (words: readonly (string | undefined)[]) => {
		const a = only(words[0], words[1]);
		const b = only(words[2], words[3]);
		return a && b && a !== b ? relation(a, b).direction : undefined;
	};

	const place = PLACE.exec(question);
	if (place)
		return scene.objects.length === 0 ? undefined : describe(place[1]!, extreme(scene, place[2] as Side).object);
	const yesNo = YES_NO.exec(question);
	if (yesNo) {
		const direction = between([yesNo[1], yesNo[2], yesNo[4], yesNo[5]]);
		return direction && (yesNo[3]!.startsWith(direction) ? 'yes' : 'no');
	}
	const where = WHERE.exec(question);
	if (where) return between(where.slice(1));
	const attribute = ATTRIBUTE.exec(question);
	if (attribute) {
		const object = only(attribute[2], attribute[3]);
		return object && describe(attribute[1]!, object);
	}
	const exists = EXISTS.exec(question);
	if (exists) return named(scene, exists[1], exists[2]).length > 0 ? 'yes' : 'no';
	return COUNT.test(question) ? NUMBER_WORDS[scene.objects.length] : undefined;
}
